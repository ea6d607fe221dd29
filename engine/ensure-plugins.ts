import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheDir } from '../system/cache-dir.ts';
import { DownloadError } from '../system/download.ts';
import { findProgram, silent } from './ensure-engine.ts';
import { fetchProgram, type Report } from './fetch-program.ts';
import { type Plugin, pluginRelease } from './release.ts';

export interface PluginOptions {
  report?: Report;
  cache?: string;
  path?: string;
}

const require = createRequire(import.meta.url);

/** A plugin has the version of its npm package, which is what the engine asks for. */
export function pluginOf(name: string): Plugin {
  const { version } = require(`@pulumi/${name}/package.json`) as { version: string };
  return { name, version };
}

/** The engine's own folder (`PULUMI_HOME`): it has its plugins in `plugins`. */
export const pulumiHome = (cache = cacheDir): string => join(cache, 'pulumi-home');

/** Where the engine looks for a plugin of a version (`PluginDescriptor.DirPath` of its source). */
export const pluginFile = ({ name, version }: Plugin, cache = cacheDir): string =>
  join(pulumiHome(cache), 'plugins', `resource-${name}-v${version}`, `pulumi-resource-${name}`);

/** Where this machine has a plugin: on PATH, which the engine prefers whatever its version, or in the cache. */
export function findPlugin(
  plugin: Plugin,
  { cache = cacheDir, path = process.env.PATH ?? '' } = {},
): string | undefined {
  const file = pluginFile(plugin, cache);
  return findProgram(`pulumi-resource-${plugin.name}`, path) ?? (existsSync(file) ? file : undefined);
}

/**
 * Fetches official plugins that this machine lacks. The engine would fetch them too, but silently and without a limit.
 * Throws {@link DownloadError}.
 */
export async function ensurePlugins(
  plugins: Plugin[],
  { report = silent, cache = cacheDir, path = process.env.PATH ?? '' }: PluginOptions = {},
): Promise<void> {
  for (const plugin of plugins) {
    if (findPlugin(plugin, { cache, path })) continue;
    const release = pluginRelease(plugin);
    if (!release)
      throw new DownloadError(
        'missing',
        `Pulumi publishes no plugin ${plugin.name} for ${process.platform} on ${process.arch}`,
      );
    mkdirSync(pulumiHome(cache), { recursive: true });
    await fetchProgram(release, pluginFile(plugin, cache), {
      downloads: join(cache, 'downloads'),
      report,
      mustHaveChecksum: false,
    });
  }
}
