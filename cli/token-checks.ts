/** Asks an API whether a token is good for what we need; answers with what is wrong, for people. */
export async function checkHetznerToken(token: string): Promise<string | true> {
  if (token.length !== 64) return `A Hetzner API token has 64 characters; this has ${token.length}.`;
  const base = (process.env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, '');
  const answer = await ask(`${base}/servers?per_page=1`, token);
  if (typeof answer === 'string') return `Hetzner can't be reached: ${answer}`;
  if (answer.status === 401)
    return 'Hetzner does not know this token. Make one in the console, under Security, API tokens, with "Read & Write".';
  return answer.ok || `Hetzner answers ${answer.status}.`;
}

export async function checkCloudflareToken(token: string, domain: string): Promise<string | true> {
  const base = (process.env.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4/').replace(
    /\/?$/,
    '/',
  );
  const answer = await ask(`${base}zones?name=${domain}`, token);
  if (typeof answer === 'string') return `Cloudflare can't be reached: ${answer}`;
  if (!answer.ok)
    return 'Cloudflare does not know this token. Make one under My Profile, API Tokens, with Zone:Read and DNS:Edit.';
  const { result } = (await answer.json()) as { result: unknown[] };
  return (
    result.length === 1 ||
    `This token sees no zone ${domain}. Add the domain to Cloudflare, or let the token see it.`
  );
}

async function ask(url: string, token: string): Promise<Response | string> {
  try {
    return await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(10_000),
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
