/** What a registry that keeps several of one name answers with: the list of platforms, or the one there is. */
const accepted = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * The digest of an image, as its registry says now: `docker.io/library/debian:13` → `sha256:…`. Throws where the registry
 * can't be asked, or has no such image (OCI Distribution Specification 1.1, "Pulling manifests"; the token: CNCF
 * Distribution, "Token Authentication Specification").
 */
export async function imageDigest(reference: string, timeoutMs = 15_000): Promise<string> {
  const [, host, name, tag] = /^([^/]+)\/(.+):([\w.-]+)$/.exec(reference) ?? [];
  if (!host || !name || !tag) throw new Error(`"${reference}" is not host/name:tag`);
  // Docker takes a registry on this machine without TLS, too.
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
  if (!realm) throw new Error('the registry wants a login, and says not where');
  const address = new URL(realm);
  for (const key of ['service', 'scope'])
    if (parameters.has(key)) address.searchParams.set(key, parameters.get(key)!);
  const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error(`the registry gives no token: ${address.host} answers ${answer.status}`);
  const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
  const given = token ?? access_token;
  if (!given) throw new Error(`the registry gives no token: ${address.host} sent none`);
  return given;
}
