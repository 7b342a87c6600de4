ARG NODE_IMAGE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build:production -- --omit=optional

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
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
