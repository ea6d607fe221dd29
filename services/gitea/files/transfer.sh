#!/bin/bash
# Transfers a user's repositories to their successor, then removes the user. Without a successor everything is kept, and
# the user can't log in.
[ -n "${SUCCESSOR:-}" ] || exit 0
. /haven/as-admin.sh
user=$(name_of "$SUBJECT")
[ -n "$user" ] || exit 0
successor=$(name_of "$SUCCESSOR_SUBJECT")
while repositories=$(ask "$api/users/$user/repos?limit=50" | grep -o '"full_name":"[^"]*"' | cut -d'"' -f4 | grep "^$user/"); do
  [ -n "$successor" ] || { echo "$SUCCESSOR has to log in to Gitea once before repositories can be transferred to them" >&2; exit 1; }
  for each in $repositories; do
    ask -o /dev/null -d "{\"new_owner\":\"$successor\"}" "$api/repos/$each/transfer"
  done
done
gitea admin user delete --username "$user" >/dev/null
