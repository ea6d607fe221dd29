import { ProblemsError } from '../core/problem.ts';
import { type Checksum, DownloadError, downloadText } from '../system/download.ts';

/**
 * Where Pulumi publishes its releases, and under which names: https://www.pulumi.com/docs/install/versions for the engine,
 * and for plugins what the engine itself asks for (sdk/go/common/workspace/plugins.go of its source).
 */
const addresses = {
  sdk: 'https://get.pulumi.com/releases/sdk',
  plugins: 'https://get.pulumi.com/releases/plugins',
};

/** One file of a release: an archive with one program that is used of it. */
export interface Release {
  /** What it is, in words. */
  what: string;
  /** The folder's address. */
  address: string;
  archive: string;
  /** The published list of checksums, in the same folder. */
  checksums: string;
  /** The program's path in the archive. */
  program: string;
}

const systems: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' };

/** The engine for this machine. Undefined where Pulumi publishes none. */
export function engineRelease(version: string, { platform, arch } = process as Machine): Release | undefined {
  const system = systems[platform];
  if (!system || !['x64', 'arm64'].includes(arch)) return undefined;
  return {
    what: `Pulumi engine ${version}`,
    address: addressOf('sdk'),
    archive: `pulumi-v${version}-${system}-${arch}.tar.gz`,
    checksums: `pulumi-${version}-checksums.txt`,
    program: 'pulumi/pulumi',
  };
}

/** An official plugin for this machine. Undefined where Pulumi publishes none. */
export function pluginRelease(
  { name, version }: Plugin,
  { platform, arch } = process as Machine,
): Release | undefined {
  const system = systems[platform];
  const processor = { x64: 'amd64', arm64: 'arm64' }[arch];
  if (!system || !processor) return undefined;
  return {
    what: `Pulumi plugin ${name} ${version}`,
    address: addressOf('plugins'),
    archive: `pulumi-resource-${name}-v${version}-${system}-${processor}.tar.gz`,
    checksums: `pulumi-${name}_${version}_checksums.txt`,
    program: `pulumi-resource-${name}`,
  };
}

interface Machine {
  platform: NodeJS.Platform;
  arch: string;
}

export interface Plugin {
  name: string;
  version: string;
}

/**
 * The checksum that was published with a release. Undefined if the list does not exist or has no line for the file.
 *
 * Pulumi signs nothing and pins no plugin's checksum, so what is verified is the archive against a list at the same
 * address: it finds what was damaged, cut off or cached wrongly on the way, and https says whose address it is. Someone who
 * can change the files at that address can change the list too. The engine's list has SHA-256. That of a plugin has SHA-1 if
 * it was made with `shasum` without options, as the workflow of the bridged plugins (hcloud, cloudflare) does
 * (.github/workflows/publish.yml in their repositories), and SHA-256 if GoReleaser made it.
 */
export async function publishedChecksum(release: Release): Promise<Checksum | undefined> {
  let list: string;
  try {
    list = await downloadText(`${release.address}/${release.checksums}`);
  } catch (error) {
    if (error instanceof DownloadError && error.why === 'missing') return undefined;
    throw error;
  }
  return checksumIn(list, release.archive);
}

/** The line of a file in a list as `sha256sum` and `shasum` write it. */
export function checksumIn(list: string, file: string): Checksum | undefined {
  for (const line of list.split('\n')) {
    const [, hex, name] = /^([0-9a-f]{40}|[0-9a-f]{64})\s+\*?(?:\.\/)?(\S+)\s*$/i.exec(line) ?? [];
    if (hex && name === file)
      return { algorithm: hex.length === 64 ? 'sha256' : 'sha1', hex: hex.toLowerCase() };
  }
  return undefined;
}

/**
 * The address of a folder, or what takes its place: the engine's own setting for mirrors,
 * `PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES`, is a list of `regexp=URL`, and the first that fits counts. Here it holds for the
 * engine as well.
 */
export function addressOf(
  folder: keyof typeof addresses,
  overrides = process.env.PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES,
): string {
  const address = addresses[folder];
  for (const pair of overrides ? overrides.split(',') : []) {
    const [pattern, url, ...more] = pair.split('=');
    if (!pattern || !url || more.length > 0) throw notAnOverride(pair);
    const found = asPattern(pattern, pair).exec(address);
    if (found)
      return url.replaceAll(/\$(\d)/g, (_, index: string) => found[Number(index)] ?? '').replace(/\/$/, '');
  }
  return address;
}

function asPattern(pattern: string, pair: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw notAnOverride(pair);
  }
}

const notAnOverride = (pair: string): ProblemsError =>
  new ProblemsError(
    [
      {
        where: 'PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES',
        what: `"${pair}" is not of the form regexp=URL. Nothing was changed.`,
        remedy: 'Fix it, or unset the variable.',
      },
    ],
    'usage',
  );
