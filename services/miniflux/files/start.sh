#!/bin/sh
# Miniflux takes its database's address, which contains the password, from a file: in its environment every tool that
# lists processes would show it.
set -eu
umask 0077
printf 'host=db user=miniflux dbname=miniflux sslmode=disable password=%s' "$(cat /run/secrets/db-password)" \
  > "$DATABASE_URL_FILE"
exec /usr/bin/miniflux
