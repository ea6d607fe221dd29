import { z } from 'zod';
import { type Problem, suggest } from '../problem.ts';
import { havenSchema } from './config-schema.ts';
import { issueText, sentence } from './issue-text.ts';

/** The schema's findings as readable problems with their position in the file; `locate` gives a setting's position. */
export function issueProblems(
  issue: z.core.$ZodIssue,
  value: unknown,
  locate: (path: PropertyKey[]) => string,
): Problem[] {
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => ({
      where: locate([...issue.path, key]),
      what: `${[...issue.path, key].join('.')}: there is no such setting.`,
      remedy: suggest(key, known),
    }));
  }
  const given = issue.path.reduce<unknown>(
    (each, key) => (each as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const [section, id] = issue.path;
  const subject = name ? `${name}: ` : '';
  const problem = (what: string, remedy = descriptionOf(issue.path)): Problem[] => [
    { where: locate(issue.path), what: `${subject}${sentence(what)}`, remedy },
  ];
  if (given === undefined) return problem('is missing');
  if (given === null && section === 'services' && issue.path.length === 2)
    return problem('has no value', `For a service with default settings, write: ${String(id)}: {}`);
  if (given === null) return problem('has no value');
  if (issue.path.length === 0) return problem(issueText(issue, given), 'Check that this is the right file.');
  const shown = typeof given === 'string' || typeof given === 'number' ? `"${given}" ` : '';
  return problem(`${shown}${issueText(issue, given)}`);
}

/** The schema of the setting at a path, through arrays, records and defaults. */
function schemaAt(path: PropertyKey[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = havenSchema;
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

function knownKeys(path: PropertyKey[]): string[] {
  const schema = unwrap(schemaAt(path));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

const descriptionOf = (path: PropertyKey[]): string => schemaAt(path)?.description ?? '';
