# Sourced: lets the script that sources it ask Gitea as an administrator who lives for this one task.
set -euo pipefail
api=http://127.0.0.1:3000/api/v1
task=haven-task-$(date +%s)
token=$(gitea admin user create --username "$task" --email "$task@localhost.invalid" --random-password --admin \
  --must-change-password=false --access-token --access-token-scopes all \
  | sed -n 's/^Access token was successfully created\.* //p')
trap 'gitea admin user delete --username "$task" --purge >/dev/null' EXIT
# The token goes to curl as a file: no process list shows it.
ask() { curl -fsS -H @<(printf 'Authorization: token %s' "$token") -H 'Content-Type: application/json' "$@"; }
# What somebody is called here, by their `sub` at the login: the name may have changed. Nothing where they never came.
name_of() {
  local found
  found=$(ask "$api/admin/users?login_name=$1&limit=1")
  grep -qF "\"login_name\":\"$1\"" <<< "$found" || return 0
  grep -o '"login":"[^"]*"' <<< "$found" | head -1 | cut -d'"' -f4
}
