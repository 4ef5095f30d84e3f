#!/bin/bash
# What the container `kafka` runs: prepares the disk, once, and becomes the broker.
set -euo pipefail
kafka=${KAFKA_HOME:-/opt/kafka}/bin
properties=${1:-/etc/kendt/server.properties}

"$kafka/kafka-storage.sh" format --ignore-formatted --cluster-id "$KAFKA_CLUSTER_ID" --config "$properties"
exec "$kafka/kafka-server-start.sh" "$properties"
