#!/bin/bash
# Prepares what Gitea needs beside it, before each start, in the image of PostgreSQL.
#
# At its start Gitea reads its login sources from a table of its database. Type 6 is OAuth 2 (models/auth/source.go).
set -euo pipefail
umask 0077
export PGPASSFILE=/tmp/pgpass
printf 'db:5432:gitea:gitea:%s\n' "$(cat /run/secrets/db-password)" > "$PGPASSFILE"
secret=$(cat /run/secrets/oidc-secret)
psql --host db --username gitea --no-psqlrc --quiet --set ON_ERROR_STOP=1 gitea <<SQL
INSERT INTO login_source (type, name, is_active, is_sync_enabled, two_factor_policy, cfg, created_unix, updated_unix)
VALUES (6, 'haven', true, false, 'skip', json_build_object(
  'Provider', 'openidConnect',
  'ClientID', '$LOGIN_CLIENT',
  'ClientSecret', '$secret',
  'OpenIDConnectAutoDiscoveryURL', '$LOGIN_ISSUER/.well-known/openid-configuration',
  'Scopes', json_build_array('profile', 'email', 'groups'),
  'GroupClaimName', 'groups',
  'AdminGroup', '$LOGIN_ADMINS'
)::text, extract(epoch FROM now())::bigint, extract(epoch FROM now())::bigint)
ON CONFLICT (name) DO UPDATE SET cfg = excluded.cfg, is_active = true, updated_unix = excluded.updated_unix;
SQL

# Hooks run in Gitea's own image, which has no psql, and whose C library is another one (musl). They get this one, with its
# libraries and its loader. It is made again each time, so it fits the server that it talks to.
client=/var/lib/gitea/haven/psql
rm -rf "$client.new"
mkdir -p "$client.new"
psql=$(readlink -f "/usr/lib/postgresql/17/bin/psql")
cp "$psql" "$client.new/program"
ldd "$psql" | sed -nE 's#^\s*(\S+ => )?(/\S+) \(0x.*#\2#p' | while read -r library; do cp -L "$library" "$client.new/"; done
cat > "$client.new/psql" <<'SH'
#!/bin/sh
here=/var/lib/gitea/haven/psql
exec "$here"/ld-linux*.so.* --library-path "$here" "$here/program" "$@"
SH
chmod 700 "$client.new/psql"
rm -rf "$client"
mv "$client.new" "$client"
