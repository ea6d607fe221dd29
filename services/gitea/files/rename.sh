#!/bin/bash
# Renames a user. Their repositories move with them, and Gitea redirects from the old addresses to the new ones.
. /haven/hooks.sh
account=$(account_of "$SUBJECT")
# A user who has no account: an account with their name is not theirs, so the owner is told of it.
[ -n "$account" ] || { why_taken 0 "$USER_NAME" "$EMAIL"; exit 0; }
IFS=$'\t' read -r id user _ <<< "$account"
[ "$user" = "$NEW_NAME" ] || rename "$id" "$user" "$NEW_NAME"
# Also after an interruption in that moment.
set_login_type "$id" 6
