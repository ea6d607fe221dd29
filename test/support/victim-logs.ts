import type { CloudUnderTest } from '../e2e/cloud-under-test.ts';
import { askLogin } from './login-admin.ts';

/** One request in a victim's own log. */
export interface LoggedRequest {
  from: string;
  /** Whom the victim took the visitor for; undefined for a stranger. */
  user: string | undefined;
  status: number;
}

/**
 * The lines of both logs have the same parts in the same order: an address, a user (or `-`), a time in brackets, and at
 * the end the program that asked and a status (Gitea: [log] ACCESS_LOG_TEMPLATE; oauth2-proxy: --request-logging-format).
 */
const lines = {
  'haven-gitea-gitea-1': /(\S+) - (\S+) \[[^\]]*\] "[^"]*" (?<status>\d{3}) /,
  'haven-portal-auth-proxy-1': /(\S+) - \S+ - (\S+) \[[^\]]*\] .* (?<status>\d{3}) \S+ \S+$/,
  'haven-website-auth-proxy-1': /(\S+) - \S+ - (\S+) \[[^\]]*\] .* (?<status>\d{3}) \S+ \S+$/,
} as const;

export const victimsWithLogs = Object.keys(lines) as (keyof typeof lines)[];

/** What a victim logged of requests by a program that calls itself `userAgent`. */
export async function loggedRequests(
  cloud: CloudUnderTest,
  container: (typeof victimsWithLogs)[number],
  userAgent: string,
): Promise<LoggedRequest[]> {
  const printed = await cloud.onServer(
    `docker logs --since 30m ${container} 2>&1 | grep -aF '"${userAgent}"' || true`,
  );
  return printed
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, from = '', user = '', status = ''] = lines[container].exec(line) ?? [];
      if (!status) throw new Error(`${container} logs a line of another form: ${line}`);
      const name = user.replaceAll('"', '');
      return {
        from: from.replace(/:\d+$/, ''),
        user: name === '-' ? undefined : name,
        status: Number(status),
      };
    });
}

/** An event at the login (Keycloak's EventRepresentation). */
export interface LoginEvent {
  time: number;
  type: string;
  clientId?: string;
  userId?: string;
  ipAddress: string;
  details?: { username?: string };
}

/** What happened at the login since a time, by users and by administrators. */
export async function loginEvents(
  { machine }: CloudUnderTest,
  since: number,
): Promise<{ users: LoginEvent[]; administrators: { what: string; ipAddress: string }[] }> {
  const users = (await askLogin(machine, 'GET', 'events?max=1000')) as LoginEvent[];
  const administrators = (await askLogin(machine, 'GET', 'admin-events?max=1000')) as {
    time: number;
    operationType: string;
    resourcePath: string;
    authDetails: { ipAddress: string };
  }[];
  return {
    users: users.filter(({ time }) => time >= since),
    administrators: administrators
      .filter(({ time }) => time >= since)
      .map(({ operationType, resourcePath, authDetails }) => ({
        what: `${operationType} ${resourcePath}`,
        ipAddress: authDetails.ipAddress,
      })),
  };
}
