#!/bin/bash
# Keycloak takes its secrets from the environment only; here they come from files, and nobody else sees them.
set -euo pipefail
export KC_DB_PASSWORD KC_BOOTSTRAP_ADMIN_CLIENT_SECRET
KC_DB_PASSWORD=$(cat /run/secrets/db-password)
KC_BOOTSTRAP_ADMIN_CLIENT_SECRET=$(cat /run/secrets/admin-secret)
exec /opt/keycloak/bin/kc.sh start --optimized
