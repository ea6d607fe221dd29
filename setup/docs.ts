import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Config } from '@oclif/core';
import { type CommandInfo, renderCommands, renderServices, renderSettings } from '../core/render-docs.ts';
import { renderSchema } from '../core/schema.ts';
import { loadCatalogue, projectRoot } from '../services/catalogue.ts';

/** Every page under docs/ that is made from the code, by its path. */
export async function madeDocs(): Promise<Record<string, string>> {
  const catalogue = await loadCatalogue();
  const config = await Config.load(projectRoot);
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
    'docs/commands.md': renderCommands(commands),
    'docs/settings.md': renderSettings(),
    'haven.schema.json': renderSchema(catalogue),
    ...prefixed(renderServices(catalogue)),
  };
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
