import { z } from 'zod';
import { type Problem, suggest } from '../problem.ts';
import { havenSchema } from './config-schema.ts';
import { issueText, sentence } from './issue-text.ts';

/** A part of haven.yaml with a schema of its own: the options of a service. */
export interface SchemaPart {
  schema: z.ZodType;
  /** Where it is in the file. */
  at: PropertyKey[];
  /** What one of its settings is called. */
  word: string;
}

const wholeFile: SchemaPart = { schema: havenSchema, at: [], word: 'setting' };

/** The schema's findings as readable problems with their position in the file; `locate` gives a setting's position. */
export function issueProblems(
  issue: z.core.$ZodIssue,
  value: unknown,
  locate: (path: PropertyKey[]) => string,
  { schema, at, word }: SchemaPart = wholeFile,
): Problem[] {
  const path = [...at, ...issue.path];
  const name = path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => ({
      where: locate([...path, key]),
      what: `${[...path, key].join('.')}: there is no such ${word}.`,
      remedy: suggest(key, known),
    }));
  }
  const given = issue.path.reduce<unknown>(
    (each, key) => (each as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const [section, id] = path;
  const subject = name ? `${name}: ` : '';
  const problem = (what: string, remedy = descriptionOf(schema, issue.path)): Problem[] => [
    { where: locate(path), what: `${subject}${sentence(what)}`, remedy },
  ];
  if (given === undefined) return problem('is missing');
  if (given === null && section === 'services' && path.length === 2)
    return problem('has no value', `For a service with default settings, write: ${String(id)}: {}`);
  if (given === null) return problem('has no value');
  if (path.length === 0) return problem(issueText(issue, given), 'Check that this is the right file.');
  const shown = typeof given === 'string' || typeof given === 'number' ? `"${cut(String(given))}" ` : '';
  return problem(`${shown}${issueText(issue, given)}`);
}

/** A value on one line. */
function cut(value: string): string {
  const text = value.replaceAll(/\p{Cc}/gu, ' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The schema of the setting at a path, through arrays, records and defaults. */
function schemaAt(root: z.ZodType, path: PropertyKey[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = root;
  for (const key of path) {
    schema = unwrap(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[String(key)] as z.ZodType | undefined;
    else if (schema instanceof z.ZodArray) schema = schema.element as z.ZodType;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType as z.ZodType;
    else return undefined;
  }
  return schema;
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType;
  return inner;
}

function knownKeys(root: z.ZodType, path: PropertyKey[]): string[] {
  const schema = unwrap(schemaAt(root, path));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** An entry of a list is described by the list. */
const descriptionOf = (root: z.ZodType, path: PropertyKey[]): string =>
  schemaAt(root, path)?.description ??
  (typeof path.at(-1) === 'number' ? descriptionOf(root, path.slice(0, -1)) : '');
