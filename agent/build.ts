import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contextHash } from '../services/context-hash.ts';
import { projectRoot } from '../system/project-root.ts';

/** What the agent is bundled from: its own files, the pure code it shares, and its packages. */
const sources = ['agent', 'core', 'system'];
/** A published package contains the finished bundle. */
const published = join(projectRoot, 'agent', 'agent.cjs');

/**
 * The agent as one file for the server's own Node (20, Debian 13), and the hash that names it. The bundle is cached
 * in `cache` under the hash of its sources.
 */
export async function buildAgent(cache: string): Promise<{ text: string; sha256: string }> {
  const text = existsSync(published) ? readFileSync(published, 'utf8') : await cached(cache);
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

function havenVersion(): string {
  const text = readFileSync(join(projectRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function cached(cache: string): Promise<string> {
  const made = createHash('sha256').update(readFileSync(join(projectRoot, 'package-lock.json')));
  made.update(havenVersion());
  for (const each of sources) made.update(contextHash(join(projectRoot, each)));
  const file = join(cache, `agent-${made.digest('hex').slice(0, 12)}.cjs`);
  if (!existsSync(file)) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, await bundleAgent());
    renameSync(`${file}.${process.pid}`, file);
  }
  return readFileSync(file, 'utf8');
}

/** Bundles the agent into one file. */
export async function bundleAgent(): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [join(projectRoot, 'agent/main.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    // What V8 compiled of it can then be kept (agent/server/compiled-agent.ts).
    format: 'cjs',
    write: false,
    define: { 'process.env.HAVEN_AGENT_VERSION': JSON.stringify(havenVersion()) },
    legalComments: 'none',
    // Minified, so that a change to comments or layout alone does not change the hash and touch a server.
    minifyWhitespace: true,
    minifySyntax: true,
  });
  return result.outputFiles[0]!.text;
}
