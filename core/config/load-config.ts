import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { DnsProviderFacts } from '../dns/provider-facts.ts';
import { type Problem, ProblemsError } from '../problem.ts';
import type { Catalogue } from '../service.ts';
import { checkConfig } from './check-config.ts';
import { configVersion, type HavenConfig, havenSchema } from './config-schema.ts';
import { leakedSecrets } from './leaked-secrets.ts';
import { newerFormat } from './newer-format.ts';
import { issueProblems } from './schema-problems.ts';
import { typedBackupSecrets } from './typed-backup-secrets.ts';

const maxBytes = 1024 * 1024;

/** Reads haven.yaml. Returns the whole configuration, or throws {@link ProblemsError} with every problem in it. */
export function loadConfig(
  text: string,
  catalogue: Catalogue,
  dnsProviders: DnsProviderFacts[],
  file = 'haven.yaml',
): HavenConfig {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new ProblemsError([
      {
        where: file,
        what: `is ${Math.round(Buffer.byteLength(text) / 1024 ** 2)} MB; haven.yaml may be at most 1 MB.`,
        remedy: 'Is this the right file?',
      },
    ]);
  }
  if (isBinary(text))
    throw new ProblemsError([
      { where: file, what: 'is not a text file.', remedy: 'Restore it from a copy. Is this the right file?' },
    ]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return file;
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    // What follows on the same line is only a consequence.
    const lineOf = (error: { pos: [number, number] }) => lines.linePos(error.pos[0]).line;
    const first = document.errors.filter(
      (error, index, all) => all.findIndex((each) => lineOf(each) === lineOf(error)) === index,
    );
    throw new ProblemsError(
      first.map((error) => syntaxProblem(at(error.pos[0]), error.message, text, error.pos[0])),
    );
  }
  if (document.contents === null) {
    throw new ProblemsError([{ where: file, what: 'is empty.', remedy: 'Run: haven init' }]);
  }
  const locate = (path: PropertyKey[]): string => at(offsetOf(document, path));
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document)) return;
      const what = `"*${alias.source}" refers to an anchor that is not defined above it.`;
      const remedy = `Define it with "&${alias.source}", or put a value that starts with * in quotes.`;
      throw new ProblemsError([{ where: at(alias.range?.[0]), what, remedy }]);
    },
  });
  const value = document.toJS() as unknown;

  // A newer file is checked as if it were of this format, so that its other problems are shown, too.
  const { version } = value as { version?: unknown };
  const isNewer = typeof version === 'number' && version > configVersion;
  const judged: unknown = isNewer ? { ...(value as object), version: configVersion } : value;
  const newer = isNewer ? [newerFormat(locate(['version']), version, configVersion)] : [];
  const secrets = leakedSecrets(value, dnsProviders).map(({ path, kind }) => ({
    where: locate(path),
    what: `${path.join('.')}: this looks like ${kind}. Never put secrets into this file.`,
    remedy: 'Remove it, revoke it at its provider, and store the new one with: haven secret set NAME',
  }));
  const typed = typedBackupSecrets(value).map(({ path, remedy }) => ({
    where: locate(path),
    what: `${path.join('.')}: this is a secret. Never put secrets into this file.`,
    remedy,
  }));
  const isTyped = (where: string): boolean => typed.some((each) => each.where === where);
  const parsed = havenSchema.safeParse(judged);
  const problems = [
    ...newer,
    ...secrets,
    ...typed,
    ...(parsed.success
      ? checkConfig(parsed.data, catalogue, dnsProviders, locate)
      : parsed.error.issues
          .flatMap((issue) => issueProblems(issue, judged, locate))
          .filter(({ where }) => !isTyped(where))),
  ];
  if (problems.length > 0 || !parsed.success) throw new ProblemsError(problems);
  return withDefaults(parsed.data, catalogue);
}

/** Control characters other than tab and line ends, or bytes that are not UTF-8: no text has them (YAML 1.2.2, §5.1). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const isBinary = (text: string): boolean => /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]/.test(text);

function syntaxProblem(where: string, message: string, text: string, offset: number): Problem {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n')[0] ?? '';
  if (/^\s*\t/.test(line))
    return {
      where,
      what: 'there is a tab here, but YAML is indented with spaces.',
      remedy: 'Replace the tab with two spaces.',
    };
  if (/multiple documents/.test(message))
    return { where, what: 'a second document starts here.', remedy: 'Remove the line "---".' };
  return { where, what: `is not valid YAML: ${message}.`, remedy: 'Fix this line.' };
}

/** The position of a setting in the file; for a missing one, the position of its parent. */
function offsetOf(document: Document, path: PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const part = path.slice(0, length);
    const parent = part.length === 0 ? document.contents : document.getIn(part.slice(0, -1), true);
    if (part.length > 0 && isMap(parent)) {
      const pair = parent.items.find(
        (each) => isScalar(each.key) && String(each.key.value) === String(part.at(-1)),
      );
      if (pair && isNode(pair.key)) return (pair.key as Node).range?.[0];
    }
    const node = part.length === 0 ? document.contents : document.getIn(part, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}

function withDefaults(config: HavenConfig, catalogue: Catalogue): HavenConfig {
  const services = Object.fromEntries(
    Object.entries(config.services).map(([id, entry]) => [
      id,
      {
        ...entry,
        options: catalogue.get(id)!.definition.options.parse(entry.options) as Record<string, unknown>,
      },
    ]),
  );
  return { ...config, services };
}
