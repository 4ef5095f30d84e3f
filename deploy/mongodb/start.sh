#!/bin/bash
# What the container `mongodb` runs: mongod takes a key file only from its own user, and nobody else may read it.
set -euo pipefail
install -m 400 -o mongodb -g mongodb /run/secrets/mongodb-keyfile /run/kendt/keyfile
exec docker-entrypoint.sh mongod --bind_ip_all --replSet kendt --keyFile /run/kendt/keyfile --wiredTigerCacheSizeGB "${MONGODB_CACHE_GB:-0.5}"
