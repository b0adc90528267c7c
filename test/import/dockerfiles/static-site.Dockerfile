FROM nginx:1.27-alpine
COPY public/ /usr/share/nginx/html/
COPY nginx.conf /etc/nginx/nginx.conf
COPY conf.d/*.conf /etc/nginx/conf.d/
LABEL org.opencontainers.image.title="Shop's site" \
      org.opencontainers.image.vendor=Example
STOPSIGNAL SIGQUIT
