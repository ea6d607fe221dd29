#!/bin/bash
# Keycloak reads its secrets from a configuration file of its own, in memory, which only its user can read: in its
# environment every tool that lists processes would show them.
set -euo pipefail
umask 0077
password=$(cat /run/secrets/db-password)
config=/tmp/keycloak.conf
printf 'db-password=%s\nbootstrap-admin-client-secret=%s\n' "$password" "$(cat /run/secrets/admin-secret)" > "$config"
export PGPASSFILE=/tmp/pgpass
printf 'db:5432:keycloak:%s:%s\n' "$KC_DB_USERNAME" "$password" > "$PGPASSFILE"
unset password
# An empty database gets the tables that the image contains, in one transaction. Keycloak itself would take longer.
database() { /opt/keycloak/baked/psql -X -q -h db -U "$KC_DB_USERNAME" -v ON_ERROR_STOP=1 "$@" keycloak; }
if [ "$(database -Atc "SELECT to_regclass('public.databasechangelog') IS NULL")" = t ]; then
  database -1 -o /dev/null -f /opt/keycloak/baked/schema.sql
fi
exec /opt/keycloak/bin/kc.sh -Djava.security.properties=/haven/java.security --config-file="$config" start --optimized
