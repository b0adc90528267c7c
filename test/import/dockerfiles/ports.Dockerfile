FROM --platform=linux/amd64 debian:12
EXPOSE 53/udp 53/tcp 8000-8003
VOLUME ["/var/lib/a", "/var/lib/b"]
COPY app /srv/
CMD []
