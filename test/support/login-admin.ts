import { loopbackPort } from '../../core/release/render-release.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import keycloak from '../../services/keycloak/service.ts';

/**
 * Keycloak's Admin REST API, asked on the server itself with curl: what an administrator does in its own console, done
 * without our code.
 */
export async function askLogin(
  machine: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const base = `http://127.0.0.1:${loopbackPort(keycloak, 'http')}`;
  const script = [
    'set -euo pipefail',
    'secret=$(cat /srv/haven/secrets/keycloak/admin-secret.1)',
    `token=$(curl -fsS ${base}/realms/master/protocol/openid-connect/token -d grant_type=client_credentials -d client_id=haven-agent --data-urlencode "client_secret=$secret" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `curl -fsS -X ${method} -H "Authorization: Bearer $token" -H 'Content-Type: application/json' ${body === undefined ? '' : '--data-binary @-'} '${base}/admin/realms/haven/${path}'`,
  ].join('\n');
  const { stdout } = await onMachine(machine, ['bash', '-c', script], {
    input: body === undefined ? '' : JSON.stringify(body),
  });
  return stdout.trim() ? JSON.parse(stdout) : undefined;
}

interface LoginUser {
  id: string;
  username: string;
  enabled: boolean;
}

/** A user as the login sees them. */
export async function loginUser(machine: string, name: string): Promise<LoginUser> {
  const found = (await askLogin(machine, 'GET', `users?exact=true&username=${name}`)) as LoginUser[];
  if (!found[0]) throw new Error(`the login knows no ${name}`);
  return found[0];
}

/** The kinds of credentials that the login stores for a user, such as passkeys (`webauthn-passwordless`). */
export async function credentialsOf(machine: string, name: string): Promise<string[]> {
  const { id } = await loginUser(machine, name);
  const found = (await askLogin(machine, 'GET', `users/${id}/credentials`)) as { type: string }[];
  return found.map((each) => each.type).sort();
}
