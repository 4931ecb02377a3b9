# One image per app, each with only the packages of its own processes:
#
#   docker build --target edge -t paddock-edge .
#
# Targets: control-plane (the API and, by another command, its worker), edge, odds, analytics, cli (the operator's command and
# migrations). None of them contains npm ci, the compiler or the sources.
#
# The base is pinned by its digest: scripts/pin-images.mjs looks up a newer one and checks this one.
FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS base

FROM base AS build
WORKDIR /paddock
COPY package.json package-lock.json .npmrc .swcrc nest-cli.json ./
COPY scripts scripts
COPY apps apps
COPY libs libs
COPY migrations migrations
RUN npm ci --omit=dev
# Which commit this is, for `paddock_build_info`: docker build --build-arg PADDOCK_REVISION=$(git rev-parse --short=12 HEAD)
ARG PADDOCK_REVISION=
# The processes are bundles; the packages that they load are copied beside them. Each line prints the size.
RUN node scripts/build.mjs && \
    node scripts/copy-runtime.mjs /runtime/control-plane --app control-plane && \
    node scripts/copy-runtime.mjs /runtime/edge --app edge && \
    node scripts/copy-runtime.mjs /runtime/odds --app odds && \
    node scripts/copy-runtime.mjs /runtime/analytics --app analytics && \
    node scripts/copy-runtime.mjs /runtime/cli --app cli --app odds

# The system without programs that install, download or raise privileges.
FROM base AS system
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-* /usr/bin/apt* /usr/lib/apt /var/lib/apt /var/cache/apt /etc/apt && \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} + && \
    install --directory --owner=node --group=node --mode=0700 /var/lib/paddock

# One layer, so that no lower layer contains the removed files.
FROM scratch AS runtime
COPY --from=system / /
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production HOST=0.0.0.0
WORKDIR /paddock
USER 1000:1000
# Last known good states, the store of events, and the credentials that seeding creates: the app, which is not root, may write only here.
VOLUME /var/lib/paddock

FROM runtime AS edge
COPY --from=build /runtime/edge /paddock
ENV EDGE_STATE_DIR=/var/lib/paddock
CMD ["node", "--enable-source-maps", "dist/apps/edge/src/main.js"]

FROM runtime AS odds
COPY --from=build /runtime/odds /paddock
ENV ODDS_STATE_DIR=/var/lib/paddock
CMD ["node", "--enable-source-maps", "dist/apps/odds/src/main.js"]

FROM runtime AS analytics
COPY --from=build /runtime/analytics /paddock
ENV ANALYTICS_STATE_DIR=/var/lib/paddock/state ANALYTICS_STORE_DIR=/var/lib/paddock/store
CMD ["node", "--enable-source-maps", "dist/apps/analytics/src/main.js"]

FROM runtime AS cli
COPY --from=build /runtime/cli /paddock
CMD ["node", "--enable-source-maps", "dist/apps/cli/src/main.js"]

# The last stage is the default target of `docker build`.
FROM runtime AS control-plane
COPY --from=build /runtime/control-plane /paddock
CMD ["node", "--enable-source-maps", "dist/apps/control-plane/src/main.js"]
