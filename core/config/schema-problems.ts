import { z } from 'zod';
import { nearest, type Problem } from '../problem.ts';
import { havenSchema } from './config-schema.ts';

/** What the schema finds wrong, in words, at the lines of the file; `locate` says where a setting is. */
export function issueProblems(
  issue: z.core.$ZodIssue,
  value: unknown,
  locate: (path: PropertyKey[]) => string,
): Problem[] {
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const full = [...issue.path, key].join('.');
      return {
        where: locate([...issue.path, key]),
        what: `${full}: there is no such setting.`,
        remedy: near ? `Did you mean "${near}"?` : `There are: ${known.join(', ')}.`,
      };
    });
  }
  const given = issue.path.reduce<unknown>(
    (each, key) => (each as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  if (given === undefined)
    return [{ where: locate(issue.path), what: `${name}: is missing.`, remedy: descriptionOf(issue.path) }];
  const shown = typeof given === 'string' || typeof given === 'number' ? `"${given}" ` : '';
  return [
    {
      where: locate(issue.path),
      what: `${name}: ${shown}${sentence(issue.message)}`,
      remedy: descriptionOf(issue.path),
    },
  ];
}

export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The schema at a path, through arrays, records and defaults. */
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
