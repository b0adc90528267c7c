ARG JAVA=21
FROM eclipse-temurin:${JAVA}-jre
ARG PROFILE=production
ENV SPRING_PROFILE=${PROFILE} JAVA_OPTS="-Xmx512m -Dname=\"my shop\""
COPY app /opt/shop/app.jar
EXPOSE 8080 8081
ENTRYPOINT exec java $JAVA_OPTS -jar /opt/shop/app.jar
