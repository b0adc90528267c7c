FROM debian:12
RUN <<EOF
set -e
apt-get update
apt-get install -y curl
EOF
COPY <<EOF /etc/shop.conf
name = shop
port = 80
EOF
CMD ["cat", "/etc/shop.conf"]
