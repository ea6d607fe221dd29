import { engineVersion, findEngine } from '../../engine/engine-root.ts';
import { engineOnPath, findProgram } from '../../engine/ensure-engine.ts';
import { findPlugin } from '../../engine/ensure-plugins.ts';
import { engineRelease, type Plugin } from '../../engine/release.ts';
import { missing, sandboxNeeds } from '../../setup/packages.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { downloadSize } from '../../system/download.ts';
import type { ComputerFacts } from './computer.ts';

/** How long the addresses of downloads have to answer. */
const answerMs = 5000;

/** Looks at this computer. `plugins` are those that the cloud at hand needs; undefined if a sandbox emulates them. */
export async function lookAtComputer(plugins: Plugin[]): Promise<ComputerFacts> {
  const path = process.env.PATH ?? '';
  const engine = findEngine() ?? (await engineOnPath(path));
  const here = plugins.map((each) => ({ ...each, file: findPlugin(each) }));
  const isComplete = engine !== undefined && here.every(({ file }) => file !== undefined);
  const lacking = process.platform === 'linux' ? await missing(sandboxNeeds) : [];
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    isRoot: process.getuid?.() === 0,
    engineVersion,
    engine,
    cacheDir,
    plugins: here,
    downloads: isComplete ? undefined : await askForDownloads(),
    go: findProgram('go', path),
    ssh: findProgram('ssh', path),
    sandboxLacks: lacking.map((each) => each.package),
  };
}

async function askForDownloads(): Promise<ComputerFacts['downloads']> {
  const release = engineRelease(engineVersion);
  if (!release)
    return {
      host: 'get.pulumi.com',
      problem: `has nothing for ${process.platform} on ${process.arch}`,
      engineBytes: undefined,
    };
  const { host } = new URL(release.address);
  try {
    const engineBytes = await downloadSize(`${release.address}/${release.archive}`, answerMs);
    return { host, problem: undefined, engineBytes };
  } catch (error) {
    return { host, problem: (error as Error).message, engineBytes: undefined };
  }
}
