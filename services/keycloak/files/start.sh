#!/bin/bash
# Keycloak takes its secrets from the environment only; here they come from files, and nobody else sees them.
set -euo pipefail
export KC_DB_PASSWORD KC_BOOTSTRAP_ADMIN_CLIENT_SECRET
KC_DB_PASSWORD=$(cat /run/secrets/db-password)
KC_BOOTSTRAP_ADMIN_CLIENT_SECRET=$(cat /run/secrets/admin-secret)
# A database that is empty gets its tables as the image brings them, all at once or none: Keycloak itself takes longer.
database() { PGPASSWORD=$KC_DB_PASSWORD /opt/keycloak/baked/psql -X -q -h db -U "$KC_DB_USERNAME" -v ON_ERROR_STOP=1 "$@" keycloak; }
if [ "$(database -Atc "SELECT to_regclass('public.databasechangelog') IS NULL")" = t ]; then
  database -1 -o /dev/null -f /opt/keycloak/baked/schema.sql
fi
exec /opt/keycloak/bin/kc.sh start --optimized
