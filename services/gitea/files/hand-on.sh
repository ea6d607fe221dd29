#!/bin/bash
# Gives a person's repositories to their heir and then removes the person. Without an heir everything stays, and its owner
# can't log in.
[ -n "${HEIR:-}" ] || exit 0
. /haven/errand.sh
person=$(name_of "$SUBJECT")
[ -n "$person" ] || exit 0
heir=$(name_of "$HEIR_SUBJECT")
while repositories=$(ask "$api/users/$person/repos?limit=50" | grep -o '"full_name":"[^"]*"' | cut -d'"' -f4 | grep "^$person/"); do
  [ -n "$heir" ] || { echo "$HEIR has never logged in to Gitea, and must have before they can be given anything" >&2; exit 1; }
  for each in $repositories; do
    ask -o /dev/null -d "{\"new_owner\":\"$heir\"}" "$api/repos/$each/transfer"
  done
done
gitea admin user delete --username "$person" >/dev/null
