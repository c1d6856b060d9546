#!/bin/bash
# Runs once, when InfluxDB is set up on an empty volume: makes the buckets of the rollups and a user who may read all three and
# do nothing else, for Grafana and whatever else asks in InfluxQL (/query with Basic auth).
set -euo pipefail

org=$DOCKER_INFLUXDB_INIT_ORG
bucket_id() {
  influx bucket list --org "$org" --name "$1" --hide-headers | cut -f 1
}

raw=$DOCKER_INFLUXDB_INIT_BUCKET
influx bucket create --org "$org" --name "${raw}_5m" --retention "$ROLLUP_RETENTION" > /dev/null
influx bucket create --org "$org" --name "${raw}_1h" --retention 0 > /dev/null
influx v1 auth create --org "$org" --username grafana --password "$INFLUXDB_READER_PASSWORD" \
  --read-bucket "$(bucket_id "$raw")" \
  --read-bucket "$(bucket_id "${raw}_5m")" \
  --read-bucket "$(bucket_id "${raw}_1h")" > /dev/null
