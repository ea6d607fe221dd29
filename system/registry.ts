import { sandboxFetch } from './sandbox-fetch.ts';

/**
 * What a container registry says about an image, without Docker (OCI Distribution Specification 1.1, "Pulling manifests";
 * the token: CNCF Distribution, "Token Authentication Specification").
 */
export interface RegistryImage {
  /** Of the list of platforms if there is one, so the same for all of them. */
  digest: string;
  /** What is downloaded for one platform: its compressed layers and its configuration. */
  bytes: number;
}

/** A registry answered, but not with the image. */
export class RegistryRefusal extends Error {
  /** The status of its answer; undefined if it has the image, but not for the platform. */
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.name = 'RegistryRefusal';
    this.status = status;
  }
}

/** As in a list of platforms (OCI Image Specification, "image index"). */
export type Architecture = 'amd64' | 'arm64';

/** The parts of `docker.io/library/debian:13@sha256:…`; its digest may be left out. */
export interface ImageName {
  host: string;
  name: string;
  tag: string;
  digest: string | undefined;
}

export function parseImageName(reference: string): ImageName {
  const [, host, name, tag, digest] =
    /^([^/]+)\/(.+?):([\w.-]+)(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference) ?? [];
  if (!host || !name || !tag) throw new Error(`"${reference}" is not host/name:tag`);
  return { host, name, tag, digest };
}

const lists = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const accepted = [
  ...lists,
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * The digest of an image, as its registry gives it now: `docker.io/library/debian:13` → `sha256:…`. Throws if the
 * registry can't be reached or has no such image.
 */
export async function imageDigest(reference: string, timeoutMs = 15_000): Promise<string> {
  return digestIn(await new Connection(reference, timeoutMs).ask('HEAD'), reference);
}

/**
 * Digest and size of an image; with a digest in its name, of that one. All requests together may take `timeoutMs`. Throws
 * a {@link RegistryRefusal}, or what `fetch` throws when nobody answers.
 */
export async function lookUpImage(
  reference: string,
  architecture: Architecture,
  timeoutMs = 20_000,
): Promise<RegistryImage> {
  const connection = new Connection(reference, timeoutMs);
  const answer = await connection.ask('GET');
  const digest = digestIn(answer, reference);
  let manifest = (await answer.json()) as Manifest;
  if (manifest.manifests) {
    const fits = manifest.manifests.find(
      ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
    );
    if (!fits) throw new RegistryRefusal(`${reference} is not there for ${architecture}`);
    manifest = (await (await connection.ask('GET', fits.digest)).json()) as Manifest;
  }
  const parts = [...(manifest.layers ?? []), ...(manifest.config ? [manifest.config] : [])];
  return { digest, bytes: parts.reduce((sum, { size }) => sum + size, 0) };
}

/** What is read of a manifest or of a list of them. */
interface Manifest {
  manifests?: { digest: string; platform?: { os: string; architecture: string } }[];
  layers?: { size: number }[];
  config?: { size: number };
}

/** A digest is always that of the bytes that were asked for, so a registry may leave the header out. */
function digestIn(answer: Response, reference: string): string {
  const { host, name, tag, digest } = parseImageName(reference);
  const found = digest ?? answer.headers.get('docker-content-digest') ?? '';
  if (!/^sha256:[0-9a-f]{64}$/.test(found))
    throw new RegistryRefusal(`the registry ${host} names no digest for ${name}:${tag}`, answer.status);
  return found;
}

/** One look at one image: its requests share a token and a limit of time. */
class Connection {
  readonly #image: ImageName;
  readonly #signal: AbortSignal;
  #token: string | undefined;

  constructor(reference: string, timeoutMs: number) {
    this.#image = parseImageName(reference);
    this.#signal = AbortSignal.timeout(timeoutMs);
  }

  async ask(method: 'GET' | 'HEAD', digest = this.#image.digest): Promise<Response> {
    const { host, name, tag } = this.#image;
    // Docker accepts a registry on this machine without TLS.
    const scheme = /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host) ? 'http' : 'https';
    const registry = host === 'docker.io' ? 'registry-1.docker.io' : host;
    const address = `${scheme}://${registry}/v2/${name}/manifests/${digest ?? tag}`;
    const answer = await this.#fetch(address, method);
    if (answer.ok) return answer;
    throw new RegistryRefusal(
      `the registry ${host} answers ${answer.status} for ${name}:${tag}`,
      answer.status,
    );
  }

  async #fetch(address: string, method: string): Promise<Response> {
    const send = () =>
      sandboxFetch(address, {
        method,
        headers: { accept: accepted, ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}) },
        signal: this.#signal,
      });
    const answer = await send();
    if (answer.status !== 401 || this.#token !== undefined) return answer;
    await answer.body?.cancel();
    this.#token = await this.#anonymousToken(answer.headers.get('www-authenticate') ?? '');
    return send();
  }

  async #anonymousToken(challenge: string): Promise<string> {
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
    );
    const realm = parameters.get('realm');
    if (!realm) throw new RegistryRefusal('the registry requires a login, but does not say where', 401);
    const address = new URL(realm);
    for (const key of ['service', 'scope'])
      if (parameters.has(key)) address.searchParams.set(key, parameters.get(key)!);
    const answer = await sandboxFetch(address, { signal: this.#signal });
    if (!answer.ok)
      throw new RegistryRefusal(
        `the registry issued no token: ${address.host} answers ${answer.status}`,
        answer.status,
      );
    const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
    const given = token ?? access_token;
    if (!given) throw new RegistryRefusal(`the registry issued no token: ${address.host} sent none`, 401);
    return given;
  }
}
