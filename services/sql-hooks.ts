import type { UserHook } from '../core/service.ts';

/**
 * User hooks that change a service's own PostgreSQL. `account` selects the ids of the user's account, by the user's `sub`
 * at the login: `:'subject'`. The statements find them in the table `the_user`:
 *
 *     UPDATE users SET enabled = false WHERE id IN (TABLE the_user);
 *
 * They also have `:'name'`, `:'new_name'` (in `rename`), `:'is_admin'` (in `setAdmin`), `:'successor'` and
 * `:'successor_subject'` (in `remove`; both are empty if nobody gets what the user made), and are one transaction. A hook
 * that finds no account says so: either the user has never logged in there, or `account` no longer fits the program.
 */
export function sqlHooks(database: string, account: string): (statements: string) => UserHook {
  return (statements) => {
    const sql = `CREATE TEMP TABLE the_user ON COMMIT DROP AS ${account};\n${statements}`;
    const variables = Object.entries({
      subject: 'SUBJECT',
      name: 'USER_NAME',
      successor: 'SUCCESSOR',
      successor_subject: 'SUCCESSOR_SUBJECT',
      new_name: 'NEW_NAME',
      is_admin: 'IS_ADMIN',
    }).map(([name, variable]) => `-v ${name}="$${variable}"`);
    const psql = `psql -U postgres -d ${database} -X -v ON_ERROR_STOP=1 ${variables.join(' ')} -1 -f -`;
    const run = `tags=$(${psql} <<< '${sql.replaceAll("'", `'\\''`)}')`;
    // The answer to each statement is its name and how many rows it changed: "UPDATE 1", "INSERT 0 1".
    const report = `{ grep -q ' [1-9]' <<< "$tags" || echo "no row of $USER_NAME in ${database}"; }`;
    return { container: 'db', command: ['bash', '-c', `${run} && ${report}`] };
  };
}
