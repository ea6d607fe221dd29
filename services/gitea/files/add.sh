#!/bin/bash
# Creates the accounts of users who have none, linked to their login, before anyone else can take their names; and keeps
# address and full name of the others as they are in this cloud. Users come on standard input, one a line: `sub`, name,
# address, full name, separated by tabs. Prints the `sub` of each user whose account can't be so, a tab, and the reason.
. /haven/hooks.sh
source=$(sql <<< "SELECT id FROM login_source WHERE name = 'haven'")
while IFS=$'\t' read -r subject name email full_name; do
  account=$(account_of "$subject")
  IFS=$'\t' read -r id login old_email old_full_name <<< "$account"
  [ "$old_email" != "$email" ] || [ "$old_full_name" != "$full_name" ] || continue
  reason=$(why_taken "${id:-0}" "${login:-$name}" "$email")
  if [ -z "$reason" ]; then
    become_admin
    same="\"source_id\":$source,\"login_name\":$(json "$subject"),\"email\":$(json "$email"),\"full_name\":$(json "$full_name")"
    if [ -n "$id" ]; then
      must_be_names "$login"
      ask PATCH "admin/users/$login" "{$same}" && continue
    else
      ask POST admin/users "{$same,\"username\":$(json "$name"),\"must_change_password\":false}" && continue
    fi
    reason=$refusal
  fi
  printf '%s\t%s\n' "$subject" "$reason"
done
