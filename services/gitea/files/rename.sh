#!/bin/bash
# Calls a user by their new name. What they made moves with them, and Gitea leads from the old addresses to the new.
. /haven/as-admin.sh
user=$(name_of "$SUBJECT")
[ -n "$user" ] && [ "$user" != "$NEW_NAME" ] || exit 0
ask -o /dev/null -d "{\"new_username\":\"$NEW_NAME\"}" "$api/admin/users/$user/rename"
