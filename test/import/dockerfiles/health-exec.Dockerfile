FROM debian:12
COPY app /bin/app
HEALTHCHECK --interval=10s CMD ["/bin/app", "--check"]
CMD /bin/app
