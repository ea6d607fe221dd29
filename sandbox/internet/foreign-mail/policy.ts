import type { RequestListener } from 'node:http';
import { mtaStsId, mtaStsPath, mtaStsPolicy } from '../../../core/mail/mta-sts-policy.ts';
import { mailHost } from './names.ts';

export const policyModes = ['none', 'testing', 'enforce'] as const;
/** `none`: there is no policy. */
export type PolicyMode = (typeof policyModes)[number];

/** What the company asks of those who send to it (MTA-STS, RFC 8461), and its id in DNS. */
export function foreignPolicy(mode: PolicyMode): { id: string; text: string } | undefined {
  if (mode === 'none') return undefined;
  const text = mtaStsPolicy(mailHost, mode);
  return { id: mtaStsId(text), text };
}

/** Serves the policy over HTTPS, as it is now. */
export function policyFront(mode: () => PolicyMode): RequestListener {
  return (request, response) => {
    const policy = request.url === mtaStsPath ? foreignPolicy(mode()) : undefined;
    response.writeHead(policy ? 200 : 404, { 'content-type': 'text/plain' });
    response.end(policy?.text ?? 'not found\n');
  };
}
