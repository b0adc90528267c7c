FROM nginx:1.27
COPY public /usr/share/nginx/html
HEALTHCHECK --interval=1m30s --timeout=3s --start-period=500ms --retries=2 \
  CMD curl -f http://localhost/ || exit 1
