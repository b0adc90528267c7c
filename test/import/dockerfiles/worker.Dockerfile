FROM python:3.12-slim
ADD app.py /worker/
ADD https://example.org/model.bin /worker/model.bin
WORKDIR /worker
ENV QUEUE default
CMD ["python", "app.py"]
ENTRYPOINT ["/usr/bin/env"]
