#!/bin/sh
# Starts Redis with a user for each process: fills the prefix and passwords into users.acl. Passwords come by the
# environment and stand in a file that Redis alone reads, never on a command line.
set -eu
umask 077
names='REDIS_PREFIX REDIS_PASSWORD'
for process in CONTROL_PLANE WORKER EDGE ANALYTICS ODDS CLI; do names="$names REDIS_PASSWORD_$process"; done
for name in $names; do
  case $(printenv "$name" || true) in
    '' | *[!A-Za-z0-9_-]*) echo "$name must be letters, digits, - and _" >&2; exit 1 ;;
  esac
done
for name in $names; do
  printf 's/${%s}/%s/g\n' "$name" "$(printenv "$name")"
done | sed -f - /etc/paddock/users.acl > /data/users.acl
exec docker-entrypoint.sh redis-server --appendonly yes --appendfsync everysec --maxmemory-policy noeviction --save '' \
  --aclfile /data/users.acl
