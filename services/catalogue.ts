import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Catalogue, CatalogueEntry, ServiceDefinition } from '../core/service.ts';
import { ServiceFault } from '../core/service-fault.ts';
import { projectRoot } from '../system/project-root.ts';

/** The services in these folders. One that can't be loaded is told to `onFault`, and by default ends the loading. */
export async function loadCatalogue(
  folders: string[] = [join(projectRoot, 'services')],
  onFault = (fault: ServiceFault): void => {
    throw fault;
  },
): Promise<Catalogue> {
  const catalogue: Catalogue = new Map();
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const id of readdirSync(folder).sort()) {
      const file = ['service.ts', 'service.js']
        .map((name) => join(folder, id, name))
        .find((path) => existsSync(path));
      if (!file) continue;
      try {
        catalogue.set(id, await loadService(dirname(file), file, id));
      } catch (error) {
        onFault(error instanceof ServiceFault ? error : ServiceFault.of(id, error));
      }
    }
  }
  return catalogue;
}

async function loadService(folder: string, file: string, id: string): Promise<CatalogueEntry> {
  const module = (await import(pathToFileURL(file).href)) as { default?: ServiceDefinition };
  const refuse = (name: string, what: string, remedy: string) =>
    new ServiceFault(id, { where: `services/${id}${name}`, what, remedy });
  const definition = module.default;
  if (!definition)
    throw refuse('/service.ts', 'has no default export.', 'Add: export default defineService({ ... })');
  const missing = missingParts(definition);
  if (missing.length > 0)
    throw refuse(
      '/service.ts',
      `is not a service: it has no ${missing.join(', no ')}.`,
      'Add what is missing.',
    );
  if (definition.id !== id)
    throw refuse(
      '/service.ts',
      `its id is "${definition.id}", and its folder is "${id}".`,
      'Rename one of them.',
    );
  const compose = join(folder, 'compose.yaml');
  if (!existsSync(compose))
    throw refuse('', 'compose.yaml is missing.', 'Add it: a service is service.ts and compose.yaml.');
  return {
    definition,
    compose: readFileSync(compose, 'utf8'),
    files: textsUnder(join(folder, 'files')),
    folder,
  };
}

/** What every definition has, and by which its code is told from something else. */
function missingParts(definition: ServiceDefinition): string[] {
  const parts = [
    'id',
    'title',
    'summary',
    'upstream',
    'images',
    'options',
    'healthChecks',
    'memoryMb',
  ] as const;
  return parts.filter((each) => definition[each] === undefined);
}

function textsUnder(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const paths = files.map((each) => join(each.parentPath, each.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}
