/** The registries of the sandbox's internet: by the host in an image's name, the names that Docker asks for it. */
export const registryNames = {
  'docker.io': ['registry-1.docker.io', 'auth.docker.io'],
  'quay.io': ['quay.io'],
  'ghcr.io': ['ghcr.io'],
  'docker.gitea.com': ['docker.gitea.com'],
} as const;
export type Registry = keyof typeof registryNames;

export const registries = Object.keys(registryNames) as Registry[];
export const allRegistryNames: string[] = Object.values(registryNames).flat();

/** Where Docker Hub gives out tokens. The others let everyone read without one. */
const tokenName = 'auth.docker.io';
export const tokenRealm = `https://${tokenName}/token`;
/** What Docker Hub calls itself when it asks for a token. */
export const tokenService = 'registry.docker.io';

export type RegistryRequest =
  | { ask: 'token'; registry: Registry }
  | { ask: 'version'; registry: Registry }
  | { ask: 'manifest' | 'blob' | 'tags'; registry: Registry; repository: string; path: string };

/**
 * What a request to a registry asks for, by the name that it was sent to and its path; undefined where that registry has
 * no such page. One store holds all registries, so `path` has the registry before the repository: an image that is
 * asked of the wrong registry is not found, as in the world (OCI Distribution Specification 1.1, "Endpoints").
 */
export function readRegistryRequest(name: string, path: string): RegistryRequest | undefined {
  const registry = registries.find((each) => registryNames[each].some((one) => one === name));
  if (!registry) return undefined;
  if (name === tokenName) return path === '/token' ? { ask: 'token', registry } : undefined;
  if (path === '/v2/') return { ask: 'version', registry };
  const [, repository, kind, rest] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([\w.:-]+)$/.exec(path) ?? [];
  if (!repository || !isRepository(repository)) return undefined;
  const ask = kind === 'manifests' ? 'manifest' : kind === 'blobs' ? 'blob' : 'tags';
  return { ask, registry, repository, path: `/v2/${registry}/${repository}/${kind}/${rest}` };
}

/** The specification's `<name>`: without it, `..` would lead to another registry. */
const isRepository = (text: string): boolean =>
  text.split('/').every((part) => /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part));

/** Where the store holds an image: `quay.io/keycloak/keycloak:26` → `{ repository: 'quay.io/keycloak/keycloak', tag: '26' }`. */
export function placeInStore(image: string): { repository: string; tag: string } {
  const [, registry, name, tag] = /^([^/]+)\/(.+):([\w.-]+)$/.exec(image) ?? [];
  if (!registry || !name || !tag || !registries.some((each) => each === registry) || !isRepository(name))
    throw new Error(
      `"${image}" is not host/name:tag of a registry that the sandbox has: ${registries.join(', ')}.`,
    );
  return { repository: `${registry}/${name}`, tag };
}
