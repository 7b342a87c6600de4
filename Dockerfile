FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# Demo, benchmarks and their helpers need packages that only development has.
RUN npm run build && rm -rf dist/demo dist/bench dist/test

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional && npm cache clean --force
COPY --from=build /app/dist ./dist
COPY scripts/healthcheck.mjs ./scripts/
RUN mkdir /data && chown node:node /data
USER node
ENV DATA_DIR=/data HTTP_HOST=0.0.0.0 FTP_HOST=0.0.0.0
VOLUME /data
EXPOSE 8080 2121 2022 50000-50199
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/healthcheck.mjs"]
# A small space for what is young: it would grow to 64 MB, and nothing is quicker for it.
# Arguments are those of the program: `docker run IMAGE reset-owner EMAIL`.
ENTRYPOINT ["node", "--max-semi-space-size=8", "dist/main.js"]
CMD ["serve"]
