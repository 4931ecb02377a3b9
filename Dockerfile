# One image for every process: they differ in the command alone.
#
# The base is pinned by its digest: scripts/pin-images.mjs looks up a newer one and checks this one.
FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS base

FROM base AS build
WORKDIR /paddock
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY .swcrc ./
COPY scripts scripts
COPY apps apps
COPY libs libs
COPY migrations migrations
# Which commit this is, for `paddock_build_info`: docker build --build-arg PADDOCK_REVISION=$(git rev-parse --short=12 HEAD)
ARG PADDOCK_REVISION=
# The processes are bundles; what they load besides is copied beside them. Compilers, npm and sources stay behind.
RUN node scripts/build.mjs && node scripts/copy-runtime.mjs /runtime

# The system without what installs, downloads or raises privileges.
FROM base AS system
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* /usr/bin/apt* /usr/lib/apt /var/lib/apt /var/cache/apt /etc/apt && \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} + && \
    install --directory --owner=node --group=node --mode=0700 /var/lib/paddock

# One layer, so that what was removed is in no layer below.
FROM scratch
COPY --from=system / /
COPY --from=build /runtime /paddock
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production HOST=0.0.0.0 \
    EDGE_STATE_DIR=/var/lib/paddock ODDS_STATE_DIR=/var/lib/paddock \
    ANALYTICS_STATE_DIR=/var/lib/paddock/state ANALYTICS_STORE_DIR=/var/lib/paddock/store
WORKDIR /paddock
USER 1000:1000
# Last known good states, the store of events, and the credentials that seeding makes: all that the app, which is not root, may write.
VOLUME /var/lib/paddock
CMD ["node", "--enable-source-maps", "dist/apps/control-plane/src/main.js"]
