import { ApiError, whyUnreachable } from '../../components/api-call.ts';
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
