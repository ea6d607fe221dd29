import { ProblemsError } from '../../core/problem.ts';
import { terminal } from './terminal.ts';

/** A question before something that cannot simply be undone. */
export interface Consent {
  /** The command as it was typed, `haven stop keycloak`. */
  command: string;
  /** What happens, as sentences: "This logs everybody out." */
  what: string;
  /** Can a person be asked? With `--json`, nobody is. */
  mayAsk: boolean;
}

/** Throws unless a person says yes, or `--yes` said so. */
export async function mustAgree({ command, what, mayAsk }: Consent, yes: boolean): Promise<void> {
  if (yes) return;
  if (mayAsk && (await terminal.confirm(`${what} Continue?`))) return;
  throw declined(command, mayAsk ? '' : what, mayAsk ? '' : `If you mean it, run: ${command} --yes`);
}

/** Throws unless the name of what is lost is typed, or given by `--confirm`. */
export async function mustConfirmName(
  { command, what, mayAsk }: Consent,
  name: string,
  confirmed: string | undefined,
): Promise<void> {
  const typed = confirmed ?? (mayAsk ? await terminal.input(`${what} Type ${name} to continue:`) : undefined);
  if (typed?.trim() === name) return;
  const why = typed === undefined ? what : `"${typed}" is not ${name}.`;
  throw declined(command, why, `If you mean it, run: ${command} --confirm ${name}`);
}

const declined = (where: string, why: string, remedy: string): ProblemsError =>
  new ProblemsError([{ where, what: `${why} Nothing was changed.`.trim(), remedy }], 'declined');
