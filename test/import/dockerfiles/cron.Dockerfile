FROM debian:12
COPY crontab /etc/cron.d/shop
RUN chmod 0644 /etc/cron.d/shop && \
    crontab /etc/cron.d/shop
CMD ["cron", "-f"]
