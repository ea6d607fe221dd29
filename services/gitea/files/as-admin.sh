# For other scripts to source: creates an administrator of Gitea for this one task, and removes it at the end.
set -euo pipefail
api=http://127.0.0.1:3000/api/v1
task=haven-task-$(date +%s)
token=$(gitea admin user create --username "$task" --email "$task@localhost.invalid" --random-password --admin \
  --must-change-password=false --access-token --access-token-scopes all \
  | sed -n 's/^Access token was successfully created\.* //p')
trap 'gitea admin user delete --username "$task" --purge >/dev/null' EXIT
# curl reads the token from a file, so that no process list shows it.
ask() { curl -fsS -H @<(printf 'Authorization: token %s' "$token") -H 'Content-Type: application/json' "$@"; }
# The name of a user in Gitea, by their `sub` at the login, because the name may have changed. Empty if they never logged in.
name_of() {
  local found
  found=$(ask "$api/admin/users?login_name=$1&limit=1")
  grep -qF "\"login_name\":\"$1\"" <<< "$found" || return 0
  grep -o '"login":"[^"]*"' <<< "$found" | head -1 | cut -d'"' -f4
}
