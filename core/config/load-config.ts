import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { type Problem, ProblemsError } from '../problem.ts';
import type { Catalogue } from '../service.ts';
import { checkConfig } from './check-config.ts';
import { configVersion, type HavenConfig, havenSchema } from './config-schema.ts';
import { leakedSecrets } from './leaked-secrets.ts';
import { issueProblems } from './schema-problems.ts';

const maxBytes = 1024 * 1024;

/** Reads haven.yaml. Answers with the whole configuration or throws {@link ProblemsError} with all that is wrong. */
export function loadConfig(text: string, catalogue: Catalogue, file = 'haven.yaml'): HavenConfig {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new ProblemsError([
      {
        where: file,
        what: `is ${Math.round(Buffer.byteLength(text) / 1024 ** 2)} MB long; a configuration has at most 1 MB.`,
        remedy: 'This must be another file.',
      },
    ]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return file;
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new ProblemsError(
      document.errors.map((error) => syntaxProblem(at(error.pos[0]), error.message, text, error.pos[0])),
    );
  }
  if (document.contents === null) {
    throw new ProblemsError([{ where: file, what: 'is empty.', remedy: 'Type: haven init' }]);
  }
  const value = document.toJS() as unknown;
  const locate = (path: PropertyKey[]): string => at(offsetOf(document, path));

  const version = (value as { version?: unknown }).version;
  if (typeof version === 'number' && version > configVersion) {
    throw new ProblemsError([
      {
        where: locate(['version']),
        what: `version ${version} was written by a newer haven; this one knows ${configVersion}.`,
        remedy: 'Type: npm install --global openhaven@latest',
      },
    ]);
  }

  const secrets = leakedSecrets(value).map(({ path, kind }) => ({
    where: locate(path),
    what: `${path.join('.')}: this looks like ${kind}. Secrets never stand in this file.`,
    remedy: 'Remove it, change it where it came from, and type: haven secret set NAME',
  }));
  const parsed = havenSchema.safeParse(value);
  const problems = [
    ...secrets,
    ...(parsed.success
      ? checkConfig(parsed.data, catalogue, locate)
      : parsed.error.issues.flatMap((issue) => issueProblems(issue, value, locate))),
  ];
  if (problems.length > 0 || !parsed.success) throw new ProblemsError(problems);
  return withDefaults(parsed.data, catalogue);
}

function syntaxProblem(where: string, message: string, text: string, offset: number): Problem {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n')[0] ?? '';
  if (/^\s*\t/.test(line))
    return {
      where,
      what: 'a tab. YAML is indented by spaces only.',
      remedy: 'Replace the tab by two spaces.',
    };
  return { where, what: `is no YAML: ${message}.`, remedy: 'Mend that line.' };
}

/** Where in the file a setting stands; of one that is missing, where its parent stands. */
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
