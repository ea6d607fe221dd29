#!/bin/sh
# Settings that Vaultwarden expects in another form than our options. The database's address contains a password, so it
# is composed here, from a file that only this program reads.
set -eu
DATABASE_URL="postgresql://vaultwarden:$(cat /run/secrets/db-password)@db/vaultwarden"
USER_ATTACHMENT_LIMIT=$((ATTACHMENTS_MB * 1024))
export DATABASE_URL USER_ATTACHMENT_LIMIT
[ "$ICONS" = true ] || export DISABLE_ICON_DOWNLOAD=true
exec /start.sh
