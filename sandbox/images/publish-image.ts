import { placeInStore } from '../internet/registries/names.ts';
import { storeAddress } from '../internet/registries/store.ts';
import { docker } from '../machine/docker.ts';

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const listType = 'application/vnd.docker.distribution.manifest.list.v2+json';

/**
 * Publishes an image of this machine's engine at a registry of the sandbox's internet (`quay.io/keycloak/keycloak:26`), as
 * a list of platforms, which is what upstreams publish; answers with the digest of the list. Publishing the same image
 * again changes nothing and gives the same digest. An image that was built again is another one.
 */
export async function publishImage(image: string, as: string): Promise<string> {
  const { repository, tag } = placeInStore(as);
  const pushed = await push(image, `${storeAddress}/${repository}:${tag}`);
  const manifests = `http://${storeAddress}/v2/${repository}/manifests`;
  const found = await ask(`${manifests}/${pushed}`, { headers: { accept: manifestType } });
  const size = (await found.arrayBuffer()).byteLength;
  const list = {
    schemaVersion: 2,
    mediaType: listType,
    manifests: [{ mediaType: manifestType, size, digest: pushed, platform: await platformOf(image) }],
  };
  const put = await ask(`${manifests}/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': listType },
    body: JSON.stringify(list),
  });
  return digestIn(put.headers.get('docker-content-digest') ?? '', as);
}

/** Pushes one image; answers with the digest of its manifest. */
async function push(image: string, reference: string): Promise<string> {
  await docker(['tag', image, reference]);
  try {
    const { stdout } = await docker(['push', reference], { timeoutMs: 20 * 60_000 });
    return digestIn(stdout, reference);
  } finally {
    await docker(['rmi', reference]);
  }
}

async function platformOf(image: string): Promise<{ architecture: string; os: string }> {
  const { stdout } = await docker(['image', 'inspect', '-f', '{{.Architecture}} {{.Os}}', image]);
  const [architecture = '', os = ''] = stdout.trim().split(' ');
  return { architecture, os };
}

async function ask(address: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(60_000) });
  if (!answer.ok)
    throw new Error(
      `The store of the sandbox's registries answers ${answer.status} for ${address}: ${await answer.text()}`,
    );
  return answer;
}

function digestIn(text: string, what: string): string {
  const [digest] = /sha256:[0-9a-f]{64}/.exec(text) ?? [];
  if (!digest) throw new Error(`${what} was published, but the registry names no digest: ${text}`);
  return digest;
}
