import { ApiError } from '../../components/api-call.ts';
import { CloudflareApi } from '../../components/cloudflare-api.ts';
import { HetznerApi } from '../../components/hetzner-api.ts';

/** Asks an API whether a token is good for what we need; answers with what is wrong, for users. */
export async function checkHetznerToken(token: string): Promise<string | true> {
  if (token.length !== 64) return `A Hetzner API token has 64 characters; this has ${token.length}.`;
  try {
    await new HetznerApi({ ...process.env, HCLOUD_TOKEN: token }).call('GET', '/servers?per_page=1');
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401)
      return 'Hetzner does not know this token. Make one in the console, under Security, API tokens, with "Read & Write".';
    return unreachable('Hetzner', error);
  }
}

export async function checkCloudflareToken(token: string, domain: string): Promise<string | true> {
  try {
    const api = new CloudflareApi({ ...process.env, CLOUDFLARE_API_TOKEN: token });
    const zones = await api.call<unknown[]>('GET', `zones?name=${domain}`);
    return (
      zones.length === 1 ||
      `This token sees no zone ${domain}. Add the domain to Cloudflare, or let the token see it.`
    );
  } catch (error) {
    if (error instanceof ApiError && error.status < 500)
      return 'Cloudflare does not know this token. Make one under My Profile, API Tokens, with Zone:Read and DNS:Edit.';
    return unreachable('Cloudflare', error);
  }
}

const unreachable = (who: string, error: unknown): string =>
  error instanceof ApiError
    ? error.message
    : `${who} can't be reached: ${error instanceof Error ? error.message : error}`;
