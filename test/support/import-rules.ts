import { dirname } from 'node:path';
import type { Import, ImportMap } from './imports.ts';

/**
 * Which way imports may point (docs/architecture.md, "Layout"). The rules are read from top to bottom and the first that
 * fits a file counts. `may` names folders or files that it may import, `types` those it may import types from alone.
 * A rule without `may` is free: tests, and scripts that no production code imports.
 */
interface Rule {
  files: RegExp;
  may?: string[];
  types?: string[];
}

const setUp = ['setup/packages.ts'];
const foundation = ['core', 'system'];
const cli = ['cli', 'stacks', 'engine', 'components', 'agent', 'services', ...foundation, ...setUp];

const rules: Rule[] = [
  { files: /^test\/|\.test\.ts$/ },
  { files: /^setup\/packages\.ts$/, may: ['system'] },
  { files: /^setup\// },
  { files: /^core\//, may: ['core'] },
  { files: /^system\//, may: ['system'] },
  // A service is a leaf; the files beside the folders read the folders.
  { files: /^services\/[^/]+\//, may: ['services', 'core'] },
  { files: /^services\//, may: ['services', ...foundation] },
  // Bundles the agent's sources, and names the result by their hash.
  { files: /^agent\/build\.ts$/, may: ['services/context-hash.ts', 'system'] },
  { files: /^agent\//, may: ['agent', ...foundation] },
  { files: /^components\//, may: ['components', ...foundation], types: ['agent'] },
  { files: /^engine\//, may: ['engine', ...foundation] },
  { files: /^stacks\//, may: ['stacks', 'components', ...foundation] },
  { files: /^cli\/commands\/sandbox\//, may: [...cli, 'sandbox'] },
  { files: /^cli\//, may: cli },
  // Of the components it knows the provider protocol alone.
  {
    files: /^sandbox\//,
    may: ['sandbox', 'services', ...foundation, 'components/provider/serve.ts'],
  },
];

/** Packages that core may use: they work values out, and open no file, socket or clock. */
const corePackages = ['zod', 'yaml', 'tldts', 'csv-parse/sync', 'csv-stringify/sync', 'node:crypto'];

/** Everything wrong with the direction of imports, one sentence each; each names the import. */
export function importFaults(imports: ImportMap): string[] {
  return [
    ...directionFaults(imports),
    ...coreFaults(imports),
    ...sandboxFaults(imports),
    ...circles(imports),
  ];
}

const isTest = (file: string): boolean => /^test\/|\.test\.ts$/.test(file);
const isProject = (to: string): boolean => !to.startsWith('node:') && /\.(ts|mjs)$/.test(to);
const isBelow = (path: string, places: string[]): boolean =>
  places.some((place) => path === place || path.startsWith(`${place}/`));

function directionFaults(imports: ImportMap): string[] {
  return eachImport(imports, (file, { to, isType }) => {
    const rule = rules.find(({ files }) => files.test(file));
    if (!rule) return `${file}: no rule says what it may import. Add one to test/support/import-rules.ts`;
    if (!rule.may || !isProject(to) || isBelow(to, rule.may)) return undefined;
    if (isBelow(to, rule.types ?? []))
      return isType ? undefined : `${file} imports ${to}: only its types may be imported here`;
    return `${file} imports ${to}: that points the wrong way. It may import from ${rule.may.join(', ')}`;
  });
}

function coreFaults(imports: ImportMap): string[] {
  return eachImport(imports, (file, { to }) =>
    !file.startsWith('core/') || isTest(file) || isProject(to) || corePackages.includes(to)
      ? undefined
      : `${file} imports ${to}: core is pure. It may use ${corePackages.join(', ')}`,
  );
}

/** Production code never gets to the sandbox, by however many imports. */
function sandboxFaults(imports: ImportMap): string[] {
  const begin = [...imports.keys()].filter(
    (file) => file.startsWith('cli/') && !file.startsWith('cli/commands/sandbox/') && !isTest(file),
  );
  const cameFrom = new Map<string, string | undefined>(begin.map((file) => [file, undefined]));
  const faults: string[] = [];
  for (const file of cameFrom.keys())
    for (const { to } of imports.get(file) ?? []) {
      if (cameFrom.has(to)) continue;
      cameFrom.set(to, file);
      if (to.startsWith('sandbox/')) faults.push(`production code gets to the sandbox: ${way(cameFrom, to)}`);
    }
  return faults;
}

function way(cameFrom: Map<string, string | undefined>, to: string): string {
  const steps: string[] = [];
  for (let at: string | undefined = to; at !== undefined; at = cameFrom.get(at)) steps.unshift(at);
  return steps.join(' → ');
}

/** Circles among files, and among folders; tests belong to no folder's circle. */
function circles(imports: ImportMap): string[] {
  const files = new Map<string, Set<string>>();
  const folders = new Map<string, Set<string>>();
  for (const [file, all] of imports) {
    if (isTest(file)) continue;
    for (const { to } of all) {
      if (!imports.has(to) || isTest(to)) continue;
      link(files, file, to);
      if (dirname(file) !== dirname(to)) link(folders, dirname(file), dirname(to));
    }
  }
  return [
    ...circlesOf(files).map((each) => `a circle of files: ${each.join(' → ')}`),
    ...circlesOf(folders).map((each) => `a circle of folders: ${each.join(' → ')}`),
  ];
}

function link(graph: Map<string, Set<string>>, from: string, to: string): void {
  const ends = graph.get(from) ?? new Set();
  graph.set(from, ends.add(to));
}

/** One circle through each place that a depth-first walk meets again while it is still on its way. */
function circlesOf(graph: Map<string, Set<string>>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (at: string, path: string[]): void => {
    const seen = path.indexOf(at);
    if (seen >= 0) found.push([...path.slice(seen), at]);
    if (seen >= 0 || done.has(at)) return;
    for (const next of graph.get(at) ?? []) walk(next, [...path, at]);
    done.add(at);
  };
  for (const start of graph.keys()) walk(start, []);
  return found;
}

function eachImport(imports: ImportMap, judge: (file: string, each: Import) => string | undefined): string[] {
  return [...imports].flatMap(([file, all]) => all.flatMap((each) => judge(file, each) ?? []));
}
