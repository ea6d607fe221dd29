#!/bin/bash
# Keycloak reads its secrets from the environment only. Here they come from files, so that only this process has them.
set -euo pipefail
export KC_DB_PASSWORD KC_BOOTSTRAP_ADMIN_CLIENT_SECRET
KC_DB_PASSWORD=$(cat /run/secrets/db-password)
KC_BOOTSTRAP_ADMIN_CLIENT_SECRET=$(cat /run/secrets/admin-secret)
# An empty database gets the tables that the image contains, in one transaction. Keycloak itself would take longer.
database() { PGPASSWORD=$KC_DB_PASSWORD /opt/keycloak/baked/psql -X -q -h db -U "$KC_DB_USERNAME" -v ON_ERROR_STOP=1 "$@" keycloak; }
if [ "$(database -Atc "SELECT to_regclass('public.databasechangelog') IS NULL")" = t ]; then
  database -1 -o /dev/null -f /opt/keycloak/baked/schema.sql
fi
exec /opt/keycloak/bin/kc.sh start --optimized
