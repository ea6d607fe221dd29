import { ApiError, whyUnreachable } from '../../components/api-call.ts';
import { type DnsProvider, ZoneNotFound } from '../../components/dns-provider.ts';
import { HetznerApi } from '../../components/hetzner-api.ts';

/** Asks Hetzner whether a token works for what haven does; answers with what is wrong, for the owner. */
export async function checkHetznerToken(token: string): Promise<string | true> {
  if (token.length === 40)
    return 'This looks like a Cloudflare token; a Hetzner API token has 64 characters.';
  if (token.length !== 64) return `A Hetzner API token has 64 characters; this has ${token.length}.`;
  try {
    await new HetznerApi({ ...process.env, HCLOUD_TOKEN: token }).call('GET', '/servers?per_page=1');
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401)
      return 'Hetzner does not accept this token. Create one in its console, under Security, API tokens, with "Read & Write".';
    return whyUnreachable('Hetzner', error);
  }
}

/**
 * Whether a token of a DNS provider reaches the records of this domain; answers with what is wrong, for the owner.
 * `onZone` is told which zone the domain is in.
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
    onZone(zone);
    return true;
  } catch (error) {
    if (error instanceof ZoneNotFound) return error.message;
    if (error instanceof ApiError && error.status < 500)
      return `${facts.issuer} rejected this token. ${facts.howToCreate}`;
    return whyUnreachable(facts.issuer, error);
  }
}
