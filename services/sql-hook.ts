import type { PeopleHook } from './service.ts';

/** A hook that changes a service's own PostgreSQL; in the SQL `:'subject'` stands for the person's `sub` at the login. */
export function sqlHook(database: string, sql: string): PeopleHook {
  const psql = `psql -U postgres -d ${database} -q -v ON_ERROR_STOP=1 -v subject="$SUBJECT"`;
  return { container: 'db', command: ['bash', '-c', `${psql} <<< '${sql.replaceAll("'", `'\\''`)}'`] };
}
