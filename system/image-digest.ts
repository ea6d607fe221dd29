/** Media types of a registry's answer for an image: a list of platforms, or a single one. */
const accepted = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * The digest of an image, as its registry gives it now: `docker.io/library/debian:13` → `sha256:…`. Throws if the
 * registry can't be reached or has no such image (OCI Distribution Specification 1.1, "Pulling manifests"; the token:
 * CNCF Distribution, "Token Authentication Specification").
 */
export async function imageDigest(reference: string, timeoutMs = 15_000): Promise<string> {
  const [, host, name, tag] = /^([^/]+)\/(.+):([\w.-]+)$/.exec(reference) ?? [];
  if (!host || !name || !tag) throw new Error(`"${reference}" is not host/name:tag`);
  // Docker accepts a registry on this machine without TLS.
  const scheme = /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host) ? 'http' : 'https';
  const registry = host === 'docker.io' ? 'registry-1.docker.io' : host;
  const address = `${scheme}://${registry}/v2/${name}/manifests/${tag}`;
  const ask = (headers: Record<string, string>) =>
    fetch(address, {
      method: 'HEAD',
      headers: { accept: accepted, ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
  let answer = await ask({});
  if (answer.status === 401)
    answer = await ask({
      authorization: `Bearer ${await anonymousToken(answer.headers.get('www-authenticate') ?? '', timeoutMs)}`,
    });
  const digest = answer.headers.get('docker-content-digest') ?? '';
  if (!answer.ok || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error(`the registry ${host} answers ${answer.status} for ${name}:${tag}`);
  return digest;
}

async function anonymousToken(challenge: string, timeoutMs: number): Promise<string> {
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
  );
  const realm = parameters.get('realm');
  if (!realm) throw new Error('the registry requires a login, but does not say where');
  const address = new URL(realm);
  for (const key of ['service', 'scope'])
    if (parameters.has(key)) address.searchParams.set(key, parameters.get(key)!);
  const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`the registry issued no token: ${address.host} answers ${answer.status}`);
  const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
  const given = token ?? access_token;
  if (!given) throw new Error(`the registry issued no token: ${address.host} sent none`);
  return given;
}
