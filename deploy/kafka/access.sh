#!/bin/bash
# What the container `kafka-access` runs, beside the broker: Kendt's own user, its password, and what it may do. Changes nothing when
# it is run again, but for a password that is another one. Systems get theirs from `kendt topics acls`.
set -euo pipefail
kafka=${KAFKA_HOME:-/opt/kafka}/bin
server=${1:-127.0.0.1:9094}

# By a file: the arguments of a process are seen by others.
umask 077
credentials=$(mktemp)
trap 'rm -f "$credentials"' EXIT
printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$KAFKA_PASSWORD" >"$credentials"
"$kafka/kafka-configs.sh" --bootstrap-server "$server" --alter --entity-type users --entity-name kendt --add-config-file "$credentials"

grant() { "$kafka/kafka-acls.sh" --bootstrap-server "$server" --add --allow-principal User:kendt --resource-pattern-type prefixed "$@" >/dev/null; }
grant --topic kendt. --operation Create --operation Describe --operation DescribeConfigs --operation Read --operation Write
grant --group erasure- --operation Read --operation Describe
grant --group profile- --operation Read --operation Describe
echo 'The user kendt may do what it needs, and no more.'
