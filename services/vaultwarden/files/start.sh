#!/bin/sh
# Settings that Vaultwarden expects in another form than our options. The database's address contains a password, so it
# is composed here, from a file that only this program reads.
set -eu
DATABASE_URL="postgresql://vaultwarden:$(cat /run/secrets/db-password)@db/vaultwarden"
# In KB.
USER_ATTACHMENT_LIMIT=$((ATTACHMENTS_MB * 1024))
ORG_ATTACHMENT_LIMIT=$USER_ATTACHMENT_LIMIT
USER_SEND_LIMIT=$USER_ATTACHMENT_LIMIT
export DATABASE_URL USER_ATTACHMENT_LIMIT ORG_ATTACHMENT_LIMIT USER_SEND_LIMIT
# Its private key is for itself alone.
umask 0077
[ "$ICONS" = true ] || export DISABLE_ICON_DOWNLOAD=true
exec /start.sh
