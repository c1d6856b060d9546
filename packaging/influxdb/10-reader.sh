#!/bin/bash
# Runs once, when InfluxDB is set up on an empty volume: makes the buckets of the rollups and a user who may read all three and
# do nothing else, for Grafana and whatever else asks in InfluxQL (/query with Basic auth).
set -euo pipefail

org=$DOCKER_INFLUXDB_INIT_ORG
bucket_id() {
  influx bucket list --org "$org" --name "$1" --hide-headers | cut -f 1
}

raw=$DOCKER_INFLUXDB_INIT_BUCKET
for rollup in "${raw}_5m" "${raw}_1h"; do
  influx bucket create --org "$org" --name "$rollup" --retention 0 > /dev/null
done
influx v1 auth create --org "$org" --username grafana --password "$INFLUXDB_READER_PASSWORD" \
  --read-bucket "$(bucket_id "$raw")" \
  --read-bucket "$(bucket_id "${raw}_5m")" \
  --read-bucket "$(bucket_id "${raw}_1h")" > /dev/null
