#!/bin/sh
# Settings that Vaultwarden expects in another form than our options.
set -eu
# Its private key is for itself alone, and so is its database's address, which contains the password: in its environment
# every tool that lists processes would show it.
umask 0077
printf 'postgresql://vaultwarden:%s@db/vaultwarden' "$(cat /run/secrets/db-password)" > "$DATABASE_URL_FILE"
# In KB.
USER_ATTACHMENT_LIMIT=$((ATTACHMENTS_MB * 1024))
ORG_ATTACHMENT_LIMIT=$USER_ATTACHMENT_LIMIT
USER_SEND_LIMIT=$USER_ATTACHMENT_LIMIT
export USER_ATTACHMENT_LIMIT ORG_ATTACHMENT_LIMIT USER_SEND_LIMIT
[ "$ICONS" = true ] || export DISABLE_ICON_DOWNLOAD=true
exec /start.sh
