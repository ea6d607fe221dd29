import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../system/project-root.ts';

/** How many processes share the test files for each that runs at a time: the later ones fill the gaps of the first. */
const processesPerCore = 2;

/** Divides test files among processes, those of one folder as evenly as possible: they take about as long. */
export const shareFiles = (files: string[], processes: number): string[][] =>
  Array.from({ length: Math.min(processes, files.length) }, (_, index) =>
    files.filter((_file, at) => at % processes === index),
  );

/** Writes a test file for each of the processes that share these files, which loads its part of them. They go with this process. */
export function writeSharedFiles(files: string[], atOnce: number): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'haven-tests-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const loader = pathToFileURL(join(projectRoot, 'setup/load-together.ts')).href;
  const groups = shareFiles(files, atOnce * processesPerCore);
  return groups.map((group, index) => {
    const path = join(folder, `tests-${index + 1}.mjs`);
    const listed = group.map((file) => ({ name: file, path: resolve(file) }));
    writeFileSync(path, renderShared(`process ${index + 1} of ${groups.length}`, listed, loader));
    return path;
  });
}

/** The text of a test file that loads others; `loader` is where load-together is imported from. */
export const renderShared = (name: string, files: { name: string; path: string }[], loader: string): string =>
  [
    `import { loadTogether } from ${JSON.stringify(loader)};`,
    `loadTogether(${JSON.stringify(name)}, ${JSON.stringify(files, null, 1)});`,
    '',
  ].join('\n');
