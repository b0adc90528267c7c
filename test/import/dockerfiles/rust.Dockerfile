FROM rust:1 AS build
WORKDIR /build
COPY . .
RUN cargo build --release

FROM debian:12-slim
RUN apt-get update \
 && apt-get install -y ca-certificates tini \
 && apt-get clean
COPY app /usr/local/bin/app
ENTRYPOINT ["tini", "--", "app"]
CMD ["--port", "8080"]
