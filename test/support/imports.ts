import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { projectRoot } from '../../system/project-root.ts';

/** One import: a file of the project by its path from the root, else the package as it is written. */
export interface Import {
  to: string;
  /** `import type`: gone when the program runs. */
  isType: boolean;
}

/** What each file imports, by its path from the root. */
export type ImportMap = Map<string, Import[]>;

/** The project's own source, all of it; what images are built from are programs with packages of their own. */
export function readImports(): ImportMap {
  const files = globSync(
    '{agent,cli,components,core,sandbox,services,setup,stacks,system,test}/**/*.{ts,mjs}',
    {
      cwd: projectRoot,
      exclude: (path) => path.includes('node_modules'),
    },
  );
  return new Map(
    files.sort().map((file) => [file, importsOf(file, readFileSync(join(projectRoot, file), 'utf8'))]),
  );
}

const statement =
  /^(?:import|export)\s+(?<type>type\s+)?[^;'"]*?\bfrom\s+'(?<from>[^']+)'|^import\s+'(?<bare>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'\s*\)/gm;

export function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(statement)].map(({ groups = {} }) => {
    const name = (groups.from ?? groups.bare ?? groups.dynamic)!;
    return {
      to: name.startsWith('.') ? normalize(join(dirname(file), name)) : name,
      isType: groups.type !== undefined,
    };
  });
}

/** Every file that is loaded with this one, itself included. A type is not loaded. */
export function loadedWith(file: string, imports: ImportMap): Set<string> {
  const loaded = new Set([file]);
  for (const at of loaded)
    for (const { to, isType } of imports.get(at) ?? []) if (!isType && imports.has(to)) loaded.add(to);
  return loaded;
}
