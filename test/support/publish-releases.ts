import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineVersion } from '../../engine/engine-root.ts';
import { ensureEngine } from '../../engine/ensure-engine.ts';
import { pluginOf } from '../../engine/ensure-plugins.ts';
import { engineRelease, pluginRelease } from '../../engine/release.ts';
import { ReleaseServer } from './release-server.ts';

/** The official plugins that a cloud with its DNS at Cloudflare requires. */
export const publishedPlugins = ['hcloud', 'command', 'cloudflare'];

/**
 * Pulumi's releases as they are published, on loopback: this machine's engine, and in place of the official plugins
 * programs that start the emulated ones of the package in `packageFolder`. Throws if this machine has no engine and there
 * is no way to one.
 */
export async function publishReleases(packageFolder: string): Promise<ReleaseServer> {
  const server = await ReleaseServer.listen();
  const engine = engineRelease(engineVersion)!;
  const program = readFileSync(join(await ensureEngine(), 'bin', 'pulumi-engine'));
  const list = `/sdk/${engine.checksums}`;
  await server.publish(`/sdk/${engine.archive}`, { 'pulumi/pulumi': program }, { list });
  for (const name of publishedPlugins) {
    const { archive, checksums } = pluginRelease(pluginOf(name))!;
    const start = `#!/bin/sh\nexec "$HAVEN_NODE" '${join(packageFolder, 'sandbox/plugins', `${name}.js`)}' "$@"\n`;
    const algorithm = name === 'command' ? 'sha256' : 'sha1';
    const published = { list: `/plugins/${checksums}`, algorithm } as const;
    await server.publish(
      `/plugins/${archive}`,
      { [`pulumi-resource-${name}`]: start, LICENSE: '' },
      published,
    );
  }
  return server;
}
