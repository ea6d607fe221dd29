import { addDs } from '../../sandbox/control.ts';
import { type Ds, dsOf } from '../../sandbox/dnssec/zone-key.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { askApi } from './api-client.ts';

/** What the API says about DNSSEC of a zone. */
export interface DnssecDetails {
  status: string;
  public_key: string | null;
}

/** Asks the sandbox's Cloudflare about a zone, by the domain's name: `POST`, `/dns_records`. Answers with the result. */
export async function askZone<Result>(
  domain: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Result> {
  const { CLOUDFLARE_BASE_URL: url = '', CLOUDFLARE_API_TOKEN: token = '' } = sandboxEnvironment();
  const found = await askApi<{ result: { id: string }[] }>({ url, token }, 'GET', `/zones?name=${domain}`);
  const zone = `/zones/${found.body.result[0]?.id}`;
  const answer = await askApi<{ result: Result }>({ url, token }, method, `${zone}${path}`, body);
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body.result;
}

/** Signs a zone, without the DS record that its registrar needs; answers with it. */
export async function signZone(domain: string): Promise<Ds> {
  const { public_key } = await askZone<DnssecDetails>(domain, 'PATCH', '/dnssec', { status: 'active' });
  return dsOf(domain, public_key ?? '');
}

/** Signs a zone, and lets its registrar publish that. */
export async function secureZone(domain: string): Promise<void> {
  await addDs(domain, await signZone(domain));
}
