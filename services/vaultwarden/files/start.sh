#!/bin/sh
# What Vaultwarden wants to hear otherwise than our options say it. The address of its database holds a password, so it
# is put together here, from a file that only this program reads.
set -eu
DATABASE_URL="postgresql://vaultwarden:$(cat /run/secrets/db-password)@db/vaultwarden"
USER_ATTACHMENT_LIMIT=$((ATTACHMENTS_MB * 1024))
export DATABASE_URL USER_ATTACHMENT_LIMIT
[ "$ICONS" = true ] || export DISABLE_ICON_DOWNLOAD=true
exec /start.sh
