#!/usr/bin/env bash
# postgres.sh FOLDER PORT: a new PostgreSQL 15 with its default durability, on 127.0.0.1 only, in the foreground.
set -euo pipefail
folder=$1
port=$2
programs=/usr/lib/postgresql/15/bin
mkdir -p "$folder"
as=()
if ((EUID == 0)); then
  # It refuses to run as root.
  chown postgres "$folder"
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
cd /
"${as[@]}" "$programs/initdb" -D "$folder/data" -U bench -A trust -E UTF8 --locale=C >/dev/null
exec "${as[@]}" "$programs/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
  -c unix_socket_directories= -c max_connections=100
