# One image for every process: they differ in the command alone.

FROM node:24-slim AS build
WORKDIR /paddock
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY .swcrc ./
COPY scripts scripts
COPY apps apps
COPY libs libs
COPY migrations migrations
# The image has its own Node; the one among the packages is for machines without.
RUN npm run build && npm prune --omit=dev && rm -rf node_modules/node-linux-*

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 EDGE_STATE_DIR=/var/lib/paddock ODDS_STATE_DIR=/var/lib/paddock \
    ANALYTICS_STATE_DIR=/var/lib/paddock/state ANALYTICS_STORE_DIR=/var/lib/paddock/store
WORKDIR /paddock
# Last known good states, the store of events, and the credentials that seeding makes: writable by the app, which is not root.
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/paddock
COPY --from=build /paddock/package.json ./
COPY --from=build /paddock/node_modules node_modules
COPY --from=build /paddock/dist dist
USER node
VOLUME /var/lib/paddock
CMD ["node", "--enable-source-maps", "dist/apps/control-plane/src/main.js"]
