FROM debian:12
RUN groupadd --gid 2000 shop && \
    useradd --uid 2000 --gid 2000 --home-dir /home/shop --shell /bin/sh shop
RUN mkdir -p /data && chown shop:shop /data
WORKDIR /home/shop
COPY --chown=2000:2000 app ./bin/app
USER shop
ENV PATH="/home/shop/bin:${PATH}"
CMD ["app"]
