#!/bin/bash
# Gives a person's repositories to their heir, as an administrator who lives for this one errand, and then removes the
# person. Without an heir everything stays, and its owner can't log in.
set -euo pipefail
[ -n "${HEIR:-}" ] || exit 0
api=http://127.0.0.1:3000/api/v1
errand=haven-errand-$(date +%s)
token=$(gitea admin user create --username "$errand" --email "$errand@localhost.invalid" --random-password --admin \
  --must-change-password=false --access-token --access-token-scopes all \
  | sed -n 's/^Access token was successfully created\.* //p')
trap 'gitea admin user delete --username "$errand" --purge >/dev/null' EXIT
# The token goes to curl as a file: no process list shows it.
ask() { curl -fsS -H @<(printf 'Authorization: token %s' "$token") -H 'Content-Type: application/json' "$@"; }
ask -o /dev/null "$api/users/$PERSON" || exit 0
while repositories=$(ask "$api/users/$PERSON/repos?limit=50" | grep -o '"full_name":"[^"]*"' | cut -d'"' -f4 | grep "^$PERSON/"); do
  for each in $repositories; do
    ask -o /dev/null -d "{\"new_owner\":\"$HEIR\"}" "$api/repos/$each/transfer"
  done
done
gitea admin user delete --username "$PERSON" >/dev/null
