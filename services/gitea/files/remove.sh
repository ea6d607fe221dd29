#!/bin/bash
# Transfers a user's repositories to their successor, then removes the user. Without a successor everything is kept, and
# nobody can log in to it; name and address become free for the next user.
. /haven/hooks.sh
account=$(account_of "$SUBJECT")
[ -n "$account" ] || exit 0
IFS=$'\t' read -r id user _ <<< "$account"
must_be_names "$user"

if [ -z "${SUCCESSOR:-}" ]; then
  kept=haven-removed-$id
  [ "$user" = "$kept" ] || rename "$id" "$user" "$kept"
  sql id="$id" email="$kept@localhost.invalid" <<'SQL'
UPDATE "user" SET email = :'email' WHERE id = :'id';
DELETE FROM email_address WHERE uid = :'id' AND NOT is_primary;
UPDATE email_address SET email = :'email', lower_email = :'email' WHERE uid = :'id';
SQL
  exit 0
fi

repositories=$(sql id="$id" <<< "SELECT name FROM repository WHERE owner_id = :'id' ORDER BY id")
if [ -n "$repositories" ]; then
  account=$(account_of "$SUCCESSOR_SUBJECT")
  [ -n "$account" ] || fail "$SUCCESSOR has no account in Gitea yet, so nothing can be transferred to them"
  IFS=$'\t' read -r _ successor _ <<< "$account"
  become_admin
  while IFS= read -r repository; do
    must_be_names "$repository"
    ask POST "repos/$user/$repository/transfer" "{\"new_owner\":$(json "$successor")}" \
      || fail "$user/$repository can't be transferred to $successor: $refusal"
  done <<< "$repositories"
fi
gitea admin user delete --username "$user" < /dev/null > /dev/null
