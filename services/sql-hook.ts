import type { UserHook } from '../core/service.ts';

/** A hook that changes a service's own PostgreSQL; in the SQL `:'subject'` stands for the user's `sub` at the login. */
export function sqlHook(database: string, sql: string): UserHook {
  const psql = `psql -U postgres -d ${database} -q -v ON_ERROR_STOP=1 -v subject="$SUBJECT"`;
  return { container: 'db', command: ['bash', '-c', `${psql} <<< '${sql.replaceAll("'", `'\\''`)}'`] };
}
