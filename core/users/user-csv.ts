import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { Problem } from '../problem.ts';
import { type NewUser, newUserSchema, type User } from './user.ts';

/** First line of the table; groups are separated by spaces. */
const columns = ['name', 'givenName', 'surname', 'groups'] as const;

/** Where the way in of somebody is sent; the column may be left out. */
const addressColumn = 'sendTo';

/**
 * Reads users from a table (CSV, RFC 4180; comma or semicolon). Answers with the users and everything that is wrong,
 * each with its line; nobody may be made while there is a problem. `taken` are the names that are there already.
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
    const what = `is no table of comma-separated values: ${(error as Error).message}.`;
    return {
      users: [],
      letters,
      problems: [{ where: file, what, remedy: `Its first line is: ${columns.join(',')}` }],
    };
  }
  const given = Object.keys(rows[0]?.record ?? {});
  const missing = ['name', 'givenName', 'surname'].filter((each) => !given.includes(each));
  if (missing.length > 0) {
    const what =
      rows.length === 0 ? 'holds nobody.' : `has no column ${missing.map((each) => `"${each}"`).join(', ')}.`;
    return {
      users: [],
      letters,
      problems: [{ where: `${file}:1`, what, remedy: `Its first line is: ${columns.join(',')}` }],
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
        what: `${addressColumn} "${sendTo}" is no mail address.`,
        remedy: 'Mend that line.',
      });
    else if (sendTo) letters.push({ name, sendTo });
    const earlier = lineOf.get(name);
    if (earlier !== undefined)
      problems.push({
        where,
        what: `"${name}" stands in line ${earlier} already.`,
        remedy: 'Take one out, or choose another name.',
      });
    else if (taken.has(name))
      problems.push({
        where,
        what: `"${name}" is taken: somebody of this cloud has it.`,
        remedy: 'Choose another name, or take the line out.',
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
    remedy: 'Mend that line.',
  };
}

/** The same table, of the users that there are. */
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
