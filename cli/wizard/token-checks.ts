import { ApiError, ApiUnreachable } from '../../components/api-call.ts';
import { type DnsProvider, writeTestName, ZoneNotFound } from '../../components/dns-provider.ts';
import { HetznerApi } from '../../components/hetzner-api.ts';
import { hetznerLeftover, mayWriteAtHetzner } from '../../components/hetzner-write-test.ts';
import { describeRefusal, isRefusedToken } from '../output/provider-refusal.ts';
import { sayIfKilled } from './say-if-killed.ts';

const createReadWrite = 'Create one in its console, under Security, API tokens, with "Read & Write".';

/**
 * Asks Hetzner whether a token works for what haven does, writing included; answers with what is wrong, for the owner. Throws
 * where Hetzner could not be asked.
 * `onOthers` is told the names of servers in its project that are not of the cloud `havenId`.
 */
export async function checkHetznerToken(
  token: string,
  havenId?: string,
  onOthers: (servers: string[]) => void = () => undefined,
): Promise<string | true> {
  if (token.length === 40)
    return 'This looks like a Cloudflare token; a Hetzner API token has 64 characters.';
  if (token.length !== 64) return `A Hetzner API token has 64 characters; this has ${token.length}.`;
  const hetzner = new HetznerApi({ ...process.env, HCLOUD_TOKEN: token });
  try {
    const servers = await hetzner.all<{ name: string; labels: Record<string, string> }>('servers');
    const mayWrite = await sayIfKilled(`In its Hetzner project there may be ${hetznerLeftover}.`, () =>
      mayWriteAtHetzner(hetzner),
    );
    if (!mayWrite) return `This token can only read. ${createReadWrite}`;
    const others = servers.filter(({ labels }) => labels.haven === undefined || labels.haven !== havenId);
    if (others.length > 0) onOthers(others.map(({ name }) => name));
    return true;
  } catch (error) {
    if (error instanceof ApiError && isRefusedToken(error))
      return `Hetzner does not accept this token. ${createReadWrite}`;
    throw error;
  }
}

/**
 * Whether a token of a DNS provider reaches the records of this domain, and may change them; answers with what is wrong, for
 * the owner. `onZone` is told which zone the domain is in. Throws where the provider could not be asked.
 */
export async function checkDnsToken(
  { token: facts, open }: DnsProvider,
  token: string,
  domain: string,
  onZone: (zone: string) => void = () => undefined,
): Promise<string | true> {
  if (!facts || !open) return true;
  try {
    const zones = open({ ...process.env, [facts.variable]: token });
    const zone = await zones.zoneOf(domain);
    await zones.records(zone);
    const mayWrite = await sayIfKilled(`There may be a TXT record ${writeTestName(zone)}.`, () =>
      zones.mayWrite(zone),
    );
    if (!mayWrite) return `This token can read ${zone}, but not change its records. ${facts.howToCreate}`;
    onZone(zone);
    return true;
  } catch (error) {
    if (error instanceof ZoneNotFound) return error.message;
    if (error instanceof ApiError && (isRefusedToken(error) || error.status === 403))
      return `${facts.issuer} rejected this token. ${facts.howToCreate}`;
    throw error;
  }
}

/** A check at a question: where the company could not be asked, that is the answer, and the question is asked again. */
export async function checkAtQuestion(check: () => Promise<string | true>): Promise<string | true> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ApiUnreachable) return error.message;
    if (!(error instanceof ApiError)) throw error;
    const { where, what, remedy } = describeRefusal(error);
    return `${where} ${what} ${remedy}`.trim();
  }
}
