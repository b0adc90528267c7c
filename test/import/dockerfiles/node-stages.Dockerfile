# syntax=docker/dockerfile:1
FROM node:22 AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci

FROM deps AS build
COPY . .
RUN npm run build

FROM node:22-slim AS runner
WORKDIR /app
ENV PORT=3000 \
    HOSTNAME="0.0.0.0"
COPY --from=build /app/dist ./dist
COPY --from=deps /app/node_modules ./node_modules
ENTRYPOINT ["node", "dist/server.js"]
