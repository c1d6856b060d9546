# The images of Hashwatt: docker build --target server|agent|simulator .
#
# Everything is put together on the machine that builds, whatever processor the image is for: JavaScript is the same on all,
# and DuckDB comes as a prebuilt package of which npm is told to take the target's. Nothing is compiled, nothing emulated; no
# instruction runs in an image that goes out.

ARG NODE_IMAGE=node:24-bookworm-slim

# What npm needs to know of every workspace.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS manifests
WORKDIR /app
RUN mkdir empty
COPY package.json package-lock.json ./
COPY agent/package.json agent/
COPY dashboard/package.json dashboard/
COPY protocol/package.json protocol/
COPY server/package.json server/
COPY simulator/package.json simulator/
COPY test/package.json test/

FROM manifests AS build
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY protocol protocol
COPY agent agent
COPY server server
COPY simulator simulator
COPY dashboard dashboard
COPY scripts/build-dashboard.mjs scripts/bundle.mjs scripts/notices.mjs scripts/
RUN npm run build
COPY LICENSE NOTICE ./
COPY scripts/pack-agent.mjs scripts/
COPY packaging/systemd packaging/systemd
RUN npm run pack:agent

FROM manifests AS server-modules
ARG TARGETARCH
RUN npm ci --workspace=server --omit=dev --ignore-scripts --no-audit --no-fund --os=linux --cpu="$(node -p '({ amd64: "x64" })[process.env.TARGETARCH] ?? (process.env.TARGETARCH || process.arch)')"

# Who runs it owns nothing of it, and all of it works on a read-only root.
FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY LICENSE NOTICE ./
LABEL org.opencontainers.image.licenses=Apache-2.0
# By number, so that an orchestrator can see that it is not root.
USER 1000:1000

FROM runtime AS server
LABEL org.opencontainers.image.title="Hashwatt server"
LABEL org.opencontainers.image.description="Stores what agents publish, prices it, raises alerts and serves the dashboard"
COPY --from=server-modules /app/node_modules node_modules
COPY --from=build /app/server/package.json server/
COPY --from=build /app/server/data server/data
COPY --from=build /app/server/program server/program
COPY --from=build /app/dashboard/dist dashboard/dist
COPY packaging/docker/server.yaml /etc/hashwatt/server.yaml
COPY --from=manifests --chown=1000:1000 /app/empty /var/lib/hashwatt
ENV HASHWATT_SERVER_HTTP_HOST=0.0.0.0
ENV HASHWATT_SERVER_STORE_DATA_DIR=/var/lib/hashwatt
# One arena of glibc's allocator instead of one per thread of Node and DuckDB, which keeps about 8 MB that nobody uses.
ENV MALLOC_ARENA_MAX=1
# What is larger than 128 kB is given back when it is freed: left to itself glibc keeps more of it the larger it was.
ENV MALLOC_TRIM_THRESHOLD_=131072
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --start-interval=2s --retries=3 CMD ["node", "server/program/main.js", "health", "--config", "/etc/hashwatt/server.yaml"]
ENTRYPOINT ["node", "server/program/main.js"]
CMD ["run", "--config", "/etc/hashwatt/server.yaml"]

FROM runtime AS agent
LABEL org.opencontainers.image.title="Hashwatt agent"
LABEL org.opencontainers.image.description="Reads mining rigs on their own network and publishes over MQTT"
# One file with all that the agent needs; its NOTICE tells of what is in it.
COPY --from=build /app/dist/hashwatt-agent ./
COPY packaging/docker/agent.yaml /etc/hashwatt/agent.yaml
COPY --from=manifests --chown=1000:1000 /app/empty /var/lib/hashwatt-agent
ENV HASHWATT_AGENT_DATA_DIR=/var/lib/hashwatt-agent
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --start-interval=2s --retries=3 CMD ["node", "bin/hashwatt-agent.mjs", "health", "--config", "/etc/hashwatt/agent.yaml"]
# Most of what a poll allocates dies at once; a small nursery keeps the resident set small at little cost in time.
ENTRYPOINT ["node", "--max-semi-space-size=4", "bin/hashwatt-agent.mjs"]
CMD ["run", "--config", "/etc/hashwatt/agent.yaml"]

FROM runtime AS simulator
LABEL org.opencontainers.image.title="Hashwatt simulator"
LABEL org.opencontainers.image.description="A fleet of simulated mining rigs on loopback addresses"
COPY --from=build /app/simulator/package.json simulator/
COPY --from=build /app/simulator/program simulator/program
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --start-interval=2s --retries=3 CMD ["node", "simulator/program/main.js", "health"]
# As `npm start` runs it: what answers allocate dies at once, and a nursery of this size is collected cheaply.
ENTRYPOINT ["node", "--max-semi-space-size=8", "simulator/program/main.js"]
CMD ["run"]
