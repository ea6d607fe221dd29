import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { Problem } from '../problem.ts';
import { type NewUser, newUserSchema, type User } from './user.ts';

/** The header row. Groups are separated by spaces. */
const columns = ['name', 'givenName', 'surname', 'groups'] as const;

/** The address an invitation is sent to; this column is optional. */
const addressColumn = 'sendTo';

/**
 * Reads users from a CSV file (RFC 4180; comma or semicolon). Returns the users and every problem with its line.
 * Create no users while there are problems. `taken` are the names that already exist.
 */
export function parseUserCsv(
  text: string,
  file: string,
  taken: Set<string> = new Set(),
): { users: NewUser[]; letters: { name: string; sendTo: string }[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const letters: { name: string; sendTo: string }[] = [];
  let rows: { record: Record<string, string>; info: { lines: number } }[];
  try {
    rows = parse(text, {
      bom: true,
      columns: true,
      delimiter: [',', ';'],
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof rows;
  } catch (error) {
    const what = `is not a CSV file: ${(error as Error).message}.`;
    return {
      users: [],
      letters,
      problems: [{ where: file, what, remedy: `The first line must be: ${columns.join(',')}` }],
    };
  }
  const given = Object.keys(rows[0]?.record ?? {});
  const missing = ['name', 'givenName', 'surname'].filter((each) => !given.includes(each));
  if (missing.length > 0) {
    const what =
      rows.length === 0 ? 'has no users.' : `has no column ${missing.map((each) => `"${each}"`).join(', ')}.`;
    return {
      users: [],
      letters,
      problems: [{ where: `${file}:1`, what, remedy: `The first line must be: ${columns.join(',')}` }],
    };
  }
  const lineOf = new Map<string, number>();
  const users = rows.flatMap(({ record, info }) => {
    const where = `${file}:${info.lines}`;
    const parsed = newUserSchema.safeParse({
      name: record.name,
      givenName: record.givenName,
      surname: record.surname,
      groups: (record.groups ?? '').split(/\s+/).filter(Boolean),
    });
    if (!parsed.success) {
      problems.push(...parsed.error.issues.map((issue) => asProblem(issue, where, record)));
      return [];
    }
    const { name } = parsed.data;
    const sendTo = record[addressColumn];
    if (sendTo && !z.email().safeParse(sendTo).success)
      problems.push({
        where,
        what: `${addressColumn} "${sendTo}" is not an email address.`,
        remedy: 'Fix that line.',
      });
    else if (sendTo) letters.push({ name, sendTo });
    const earlier = lineOf.get(name);
    if (earlier !== undefined)
      problems.push({
        where,
        what: `"${name}" is already in line ${earlier}.`,
        remedy: 'Remove one of them, or choose another name.',
      });
    else if (taken.has(name))
      problems.push({
        where,
        what: `the name "${name}" is already taken.`,
        remedy: 'Choose another name, or remove the line.',
      });
    lineOf.set(name, earlier ?? info.lines);
    return [parsed.data];
  });
  return { users, letters, problems };
}

function asProblem(issue: z.core.$ZodIssue, where: string, record: Record<string, string>): Problem {
  const column = String(issue.path[0] ?? '');
  const value = record[column] ?? '';
  return {
    where,
    what: `${column}${value ? ` "${value}"` : ''} ${issue.message.startsWith('Invalid') ? 'is missing' : issue.message}.`,
    remedy: 'Fix that line.',
  };
}

/** Existing users in the same format. */
export const renderUserCsv = (users: User[]): string =>
  stringify(
    users.map((each) => [
      each.name,
      each.givenName,
      each.surname,
      each.groups.join(' '),
      each.email,
      each.enabled ? 'on' : 'off',
    ]),
    { header: true, columns: [...columns, 'email', 'state'] },
  );
