FROM debian:12
ENV A=one B="two words" C=three\ words D='single $A' E="x${A}y" F=${MISSING:-default} G=${A:+set}
LABEL "com.example.a b"="c \"d\"" description="several \
lines"
WORKDIR relative
WORKDIR deeper
COPY ["app", "./with space/"]
ONBUILD COPY . /app
MAINTAINER Ann <ann@example.org>
