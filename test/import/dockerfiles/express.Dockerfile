FROM node:22-alpine
ENV NODE_ENV=production
WORKDIR /usr/src/app
COPY package*.json ./
RUN npm ci --omit=dev
COPY --chown=node:node src ./src
USER 1000:1000
EXPOSE 3000/tcp
CMD [ "node", "src/server.js" ]
