import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Config } from '@oclif/core';
import { type ExitCode, exitCodeMeanings, exitCodes } from '../cli/output/exit-codes.ts';
import { dnsProviderFacts } from '../components/dns-providers.ts';
import { renderSchema } from '../core/config/json-schema.ts';
import {
  type CommandInfo,
  renderCommands,
  renderServices,
  renderSettings,
  renderUidsPage,
  renderVariablesPage,
} from '../core/docs/render-docs.ts';
import { renderHelp } from '../core/docs/render-help.ts';
import { loadCatalogue } from '../services/catalogue.ts';
import { projectRoot } from '../system/project-root.ts';

/** Every file that is made from the code, by its path: pages under docs/, and what `haven` reads to start at once. */
export async function madeDocs(): Promise<Record<string, string>> {
  const catalogue = await loadCatalogue();
  const config = await Config.load({ root: projectRoot, ignoreManifest: true });
  const commands: CommandInfo[] = config.commands
    .filter((each) => !each.hidden)
    .map((each) => {
      const id = each.id.replaceAll(':', ' ');
      const fill = (text: string) =>
        text.replaceAll('<%= config.bin %>', 'haven').replaceAll('<%= command.id %>', id);
      return {
        id,
        summary: each.summary ?? '',
        description: fill(each.description ?? ''),
        examples: (each.examples ?? []).map((example) =>
          fill(typeof example === 'string' ? example : example.command),
        ),
        args: Object.values(each.args).map((arg) => ({
          name: arg.name,
          description: arg.description ?? '',
          required: arg.required ?? false,
        })),
        flags: Object.values(each.flags)
          .filter((flag) => !flag.hidden)
          .map((flag) => ({
            name: flag.name,
            char: flag.char,
            summary: flag.summary ?? flag.description ?? '',
          })),
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    'docs/commands.md': renderCommands(
      commands,
      Object.entries(exitCodes).map(([name, code]) => ({
        name,
        code,
        meaning: exitCodeMeanings[name as ExitCode],
      })),
    ),
    'docs/settings.md': renderSettings(dnsProviderFacts),
    'docs/uids.md': renderUidsPage(catalogue),
    'docs/variables.md': renderVariablesPage(),
    'haven.schema.json': renderSchema(catalogue, dnsProviderFacts),
    'oclif.manifest.json': renderManifest(config),
    'cli/help.txt': renderHelp(commands, config.pjson.description ?? ''),
    ...prefixed(renderServices(catalogue)),
  };
}

/** What oclif wants to know of every command before it runs one. Without it each start would load them all. */
function renderManifest(config: Config): string {
  const { manifest } = config.plugins.get(config.pjson.name) as unknown as {
    manifest: { commands: Record<string, object> };
  };
  // oclif lists them as they happened to be read.
  const commands = Object.fromEntries(Object.entries(manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...manifest, commands }, null, 2)}\n`;
}

const prefixed = (pages: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(pages).map(([path, text]) => [`docs/${path}`, text]));

if (import.meta.main) {
  for (const [path, text] of Object.entries(await madeDocs())) {
    const full = join(projectRoot, path);
    if (existsSync(full) && readFileSync(full, 'utf8') === text) continue;
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    console.log(`  written: ${path}`);
  }
}
