#!/bin/bash
# Renames a user. Their repositories move with them, and Gitea redirects from the old addresses to the new ones.
. /haven/as-admin.sh
user=$(name_of "$SUBJECT")
[ -n "$user" ] && [ "$user" != "$NEW_NAME" ] || exit 0
ask -o /dev/null -d "{\"new_username\":\"$NEW_NAME\"}" "$api/admin/users/$user/rename"
