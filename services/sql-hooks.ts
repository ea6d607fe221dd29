import type { UserHook } from '../core/service.ts';

/** How a program finds accounts: two queries, with the variables of {@link sqlHooks}. */
export interface AccountQueries {
  /** The ids of the user's account, by the user's `sub` at the login: `:'subject'`. */
  account: string;
  /**
   * The names of accounts that look like the user's: the same name (`:'name'`) or address (`:'email'`). If one exists and
   * `account` finds none, the hook says so, because the user may still get in by it. A user who has never logged in has
   * neither.
   */
  namesakes: string;
}

/**
 * User hooks that change a service's own PostgreSQL. The statements find the user's account in the table `the_user`:
 *
 *     UPDATE users SET enabled = false WHERE id IN (TABLE the_user);
 *
 * They have `:'subject'`, `:'name'`, `:'email'`, `:'new_name'` (in `rename`), `:'is_admin'` (in `setAdmin`),
 * `:'successor'` and `:'successor_subject'` (in `remove`; both are empty if nobody gets what the user made), and are one
 * transaction.
 */
export function sqlHooks(
  database: string,
  { account, namesakes }: AccountQueries,
): (statements: string) => UserHook {
  return (statements) => {
    const sql = [
      `CREATE TEMP TABLE the_user ON COMMIT DROP AS ${account};`,
      `SELECT format('${mark}${unlinked}', name, :'name') FROM (${namesakes}) AS namesakes (name)`,
      '  WHERE NOT EXISTS (TABLE the_user);',
      statements,
    ].join('\n');
    const variables = Object.entries({
      subject: 'SUBJECT',
      name: 'USER_NAME',
      email: 'EMAIL',
      successor: 'SUCCESSOR',
      successor_subject: 'SUCCESSOR_SUBJECT',
      new_name: 'NEW_NAME',
      is_admin: 'IS_ADMIN',
    }).map(([name, variable]) => `-v ${name}="$${variable}"`);
    const psql = `psql -U postgres -d ${database} -XAt -v ON_ERROR_STOP=1 ${variables.join(' ')} -1 -f -`;
    const run = `answer=$(${psql} <<< '${sql.replaceAll("'", `'\\''`)}')`;
    const report = `sed -n 's/^${mark}//p' <<< "$answer"`;
    return { container: 'db', command: ['bash', '-c', `${run} && ${report}`] };
  };
}

/** In front of a sentence in psql's answer. */
const mark = 'namesake: ';
const unlinked =
  'the account "%s" has the name or the address of %s, but is not linked to their login, so it was left unchanged. If it is theirs, disable it in the service itself.';
