import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Catalogue, CatalogueEntry, ServiceDefinition } from '../core/service.ts';
import { projectRoot } from '../system/project-root.ts';

export async function loadCatalogue(folders: string[] = [join(projectRoot, 'services')]): Promise<Catalogue> {
  const catalogue: Catalogue = new Map();
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const id of readdirSync(folder).sort()) {
      const file = ['service.ts', 'service.js']
        .map((name) => join(folder, id, name))
        .find((path) => existsSync(path));
      if (!file) continue;
      catalogue.set(id, await loadService(dirname(file), file));
    }
  }
  return catalogue;
}

async function loadService(folder: string, file: string): Promise<CatalogueEntry> {
  const module = (await import(pathToFileURL(file).href)) as { default?: ServiceDefinition };
  if (!module.default)
    throw new Error(`${file}: it has no default export. Write: export default defineService({ ... })`);
  const compose = join(folder, 'compose.yaml');
  if (!existsSync(compose))
    throw new Error(`${folder}: compose.yaml is missing. A service is service.ts and compose.yaml.`);
  return {
    definition: module.default,
    compose: readFileSync(compose, 'utf8'),
    files: textsUnder(join(folder, 'files')),
    folder,
  };
}

function textsUnder(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const paths = files.map((each) => join(each.parentPath, each.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}
