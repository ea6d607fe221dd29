import assert from 'node:assert/strict';
import { sandboxState } from '../../sandbox/control.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';

/** What an owner does by hand, at the DNS provider's own website. */
export async function atDnsProvider(
  method: string,
  zone: string,
  path: string,
  body?: unknown,
): Promise<void> {
  const env = sandboxEnvironment();
  const { cloudflare } = await sandboxState();
  const id = cloudflare.zones.find((each) => each.name === zone)!.id;
  const answer = await fetch(`${env.CLOUDFLARE_BASE_URL}zones/${id}/dns_records${path}`, {
    method,
    headers: { authorization: `Bearer ${env.CLOUDFLARE_API_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, await answer.text());
}
