FROM python:3.12
ENV PYTHONDONTWRITEBYTECODE 1
ENV PYTHONUNBUFFERED=1
RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /code
COPY . /code/
RUN python manage.py collectstatic --noinput
VOLUME /code/media /code/static
CMD python manage.py migrate && gunicorn shop.wsgi
