import { readFileSync } from 'node:fs';
import { dnsProvider } from '../../components/dns-providers.ts';
import { ProblemsError } from '../../core/problem.ts';
import { engineVersion } from '../../engine/engine-root.ts';
import { ensureEngine, NoEngine } from '../../engine/ensure-engine.ts';
import { ensurePlugins, pluginOf } from '../../engine/ensure-plugins.ts';
import type { Plugin } from '../../engine/release.ts';
import { findStateFile } from '../../stacks/state-file.ts';
import { DownloadError } from '../../system/download.ts';
import { DownloadProgress } from '../output/download-progress.ts';
import type { Project } from './project.ts';

/** The Pulumi engine, which a first plan on a computer fetches or builds. Answers with its folder. */
export const provideEngine = (): Promise<string> =>
  reported('Pulumi engine', (report) => ensureEngine({ report }));

/** The official plugins that this cloud needs, of those that Pulumi publishes. */
export const providePlugins = (plugins: Plugin[]): Promise<void> =>
  reported('Pulumi plugins', (report) => ensurePlugins(plugins, { report }));

/**
 * What a real cloud needs: Hetzner, the command that installs the agent, the DNS providers of its domains, and what
 * something in its state was made with, which may have to be deleted.
 */
export function requiredPlugins(project: Pick<Project, 'config'>, backend: string): Plugin[] {
  const packages = project.config.domains.map((each) => dnsProvider(each.dns).resource.type.split(':')[0]!);
  const file = findStateFile(backend, 'openhaven', project.config.id);
  const state = file ? readFileSync(file, 'utf8') : '';
  const made = [...state.matchAll(/pulumi:providers:([a-z]+)/g)].map(([, name]) => name!);
  const official = new Set(['hcloud', 'command', ...packages, ...made]);
  // Our own provider is served by this process.
  for (const own of ['haven', 'pulumi']) official.delete(own);
  return [...official].map(pluginOf);
}

async function reported<T>(what: string, work: (report: DownloadProgress) => Promise<T>): Promise<T> {
  const report = new DownloadProgress();
  try {
    return await work(report);
  } catch (error) {
    throw new ProblemsError([{ where: what, ...asProblem(error as Error) }]);
  } finally {
    report.stop();
  }
}

function asProblem(error: Error): { what: string; remedy: string } {
  const what = `${error.message}. Nothing was changed.`;
  if (error instanceof NoEngine) return { what, remedy: remedies.noEngine };
  if (error instanceof DownloadError) return { what, remedy: remedies[error.why] };
  return { what, remedy: 'Fix that, then run the command again.' };
}

const remedies: Record<DownloadError['why'] | 'noEngine', string> = {
  noEngine: `Connect this computer to the internet, or install Pulumi ${engineVersion} (https://www.pulumi.com/docs/install) or Go (https://go.dev/doc/install), then run the command again.`,
  unreachable: 'Check your connection, then run the command again: it continues where it stopped.',
  missing: 'Put the program on PATH yourself, or report this, then run the command again.',
  space: 'Free some space, or set XDG_CACHE_HOME to a folder on a larger disk, then run the command again.',
  changed: 'Run the command again. If it says the same, do not use that file, and report it.',
};
