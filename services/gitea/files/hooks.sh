# For the hooks in this folder to source.
#
# Hooks ask Gitea's API as an administrator, and users choose some of the names in its addresses: their repositories and
# organizations. So names come from the database, by the owner's id, and never from an answer in which users' own texts are
# as well. Before a name is part of an address it must have the form that Gitea demands. Such a name needs no encoding
# (RFC 3986 §2.3), and curl is told to send the path as it is.
set -euo pipefail
export LC_ALL=C PGPASSFILE=/tmp/pgpass
if [ ! -f "$PGPASSFILE" ]; then
  made=$(mktemp -p /tmp)
  printf 'db:5432:gitea:gitea:%s\n' "$(cat /run/secrets/db-password)" > "$made"
  mv "$made" "$PGPASSFILE"
fi
api=http://127.0.0.1:3000/api/v1
haven="(SELECT id FROM login_source WHERE name = 'haven')"

# Runs SQL of standard input with variables: sql name=value. Prints rows, columns separated by tabs. Gitea's image has no
# psql: this one is put there by login-source.sh.
sql() {
  local variables=() each
  for each; do variables+=(-v "$each"); done
  /var/lib/gitea/haven/psql/psql --host db --username gitea --dbname gitea --no-psqlrc -Atq -F $'\t' -v ON_ERROR_STOP=1 "${variables[@]}" -f -
}

# A user's id, name, address and full name in Gitea, by their `sub` at the login. Empty if they have no account.
account_of() {
  sql subject="$1" <<< "SELECT id, name, email, full_name FROM \"user\"
    WHERE type = 0 AND login_source = $haven AND login_name = :'subject'"
}

# Prints why an account can't have a name and an address; nothing if it can. Another account may have them, not `id`.
why_taken() {
  sql id="$1" name="$2" email="$3" root="${GITEA__server__ROOT_URL:-}" <<'SQL'
SELECT CASE WHEN type = 1
    THEN format('an organization has the name %s. Rename or delete it: %sorg/%s/settings', name, :'root', name)
    ELSE format('another account of Gitea has the name %s. If nobody needs it, delete it: %s-/admin/users/%s', name, :'root', id) END
  FROM "user" WHERE lower_name = lower(:'name') AND id <> :'id'
UNION ALL
SELECT format('another account of Gitea (%s) has the address %s. Remove it there: %s-/admin/emails', u.name, e.email, :'root')
  FROM email_address e JOIN "user" u ON u.id = e.uid WHERE e.lower_email = lower(:'email') AND e.uid <> :'id'
LIMIT 1
SQL
}

# Ends the hook unless each name has the form of a name in Gitea (modules/validation/helpers.go, models/repo/repo.go).
must_be_names() {
  local each
  for each; do
    [[ $each =~ ^[0-9A-Za-z._-]+$ && $each != . && $each != *..* ]] && continue
    fail "Gitea has a name that it does not allow itself: ${each@Q}. Nothing more was changed."
  done
}

# A text as JSON.
json() {
  local text=${1//[[:cntrl:]]/ }
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# Creates an administrator of Gitea for this one run, and removes it at the end.
become_admin() {
  [ -z "${token:-}" ] || return 0
  task=haven-task-$(date +%s)-$$
  trap leave_admin EXIT
  token=$(gitea admin user create --username "$task" --email "$task@localhost.invalid" --random-password --admin \
    --must-change-password=false --access-token --access-token-scopes all < /dev/null \
    | sed -n 's/^Access token was successfully created\.* //p')
}
leave_admin() {
  # Gitea deletes no administrator that is the last one, as this one is in a new Gitea.
  sql task="$task" <<< "UPDATE \"user\" SET is_admin = false WHERE name = :'task'"
  gitea admin user delete --username "$task" --purge < /dev/null > /dev/null
}

# Asks the API: ask POST path body. Fails when Gitea refuses, with its reason in `refusal`.
ask() {
  local answer status=0
  # curl reads the token and the body from files, so that no process list shows them.
  answer=$(curl --silent --show-error --fail-with-body --path-as-is --globoff --max-time 120 --request "$1" \
    --header @<(printf 'Authorization: token %s' "$token") --header 'Content-Type: application/json' \
    --data-binary @<(printf '%s' "$3") "$api/$2" 2>&1) || status=$?
  refusal=$(sed -nE 's/^\{"message":"(([^"\\]|\\.)*)".*/\1/p' <<< "$answer" | head -1)
  [ "$status" -ne 0 ] || return 0
  # 22: Gitea answered with an error (EXIT CODES in curl(1)).
  [ "$status" -eq 22 ] || fail "Gitea does not answer: $answer"
  refusal=${refusal:-$answer}
  return 1
}

fail() { printf '%s\n' "$1" >&2; exit 1; }

# Whether an account is one of a login source, by its id: 6 is OAuth 2, 0 is Gitea's own (models/auth/source.go).
set_login_type() {
  sql id="$1" type="$2" <<< "UPDATE \"user\" SET login_type = :'type' WHERE id = :'id'"
}

# Renames an account: rename id name new-name. Gitea only renames accounts that are its own (services/user/user.go), so
# for that moment the account is one.
rename() {
  local reason
  reason=$(why_taken "$1" "$3" '')
  [ -z "$reason" ] || fail "$reason"
  must_be_names "$2" "$3"
  become_admin
  set_login_type "$1" 0
  ask POST "admin/users/$2/rename" "{\"new_username\":$(json "$3")}" || reason=$refusal
  set_login_type "$1" 6
  [ -z "$reason" ] || fail "$reason"
}
