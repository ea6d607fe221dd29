#!/bin/bash
# Calls a person by their new name. What they made moves with them, and Gitea leads from the old addresses to the new.
. /haven/errand.sh
person=$(name_of "$SUBJECT")
[ -n "$person" ] && [ "$person" != "$NEW_NAME" ] || exit 0
ask -o /dev/null -d "{\"new_username\":\"$NEW_NAME\"}" "$api/admin/users/$person/rename"
