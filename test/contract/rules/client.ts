import { parse } from 'yaml';
import { mountedFiles } from '../mounted-files.ts';
import { type Rule, unless } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** A rule for services that have a client at the login, on their own behalf or for others. */
const ofClient = (id: string, check: (subject: Subject) => string[]): Rule => ({
  id,
  check: (subject) => (subject.definition.needs?.login ? check(subject) : []),
});

/** compose.yaml without its comments: only what is set counts. */
const settingsOf = ({ compose }: Subject): string => JSON.stringify(parse(compose));

/** A file has no variables: `files()` writes the name of the login and the id, which is the service's own. */
const filesOf = (subject: Subject): string[] =>
  subject.containers.flatMap((container) => mountedFiles(subject, container));

/** A program that is not told about its client shows its own login, or none, and only a deploy would notice. */
export const clientRules: Rule[] = [
  ofClient('login-is-told', (subject) =>
    unless(
      /\$\{LOGIN_(?!CLIENT|ADMINS)/.test(settingsOf(subject)) ||
        filesOf(subject).some((text) => text.includes(subject.bundle.release.variables.LOGIN_HOST!)),
      'Nothing tells the program where the login is. Use ${LOGIN_ISSUER} in compose.yaml.',
    ),
  ),
  ofClient('client-is-told', (subject) =>
    unless(
      settingsOf(subject).includes('${LOGIN_CLIENT}') ||
        filesOf(subject).some((text) =>
          new RegExp(`client[-_ ]?id\\W+${subject.id}(?![\\w-])`, 'i').test(text),
        ),
      'Nothing tells the program the id of its client at the login. Use ${LOGIN_CLIENT} in compose.yaml.',
    ),
  ),
  // If service.ts gives the secret to a reader, `secret-is-mounted` looks for it.
  ofClient('client-secret-is-given', ({ bundle }) =>
    unless(
      Object.keys(bundle.release.secrets['oidc-secret']!.readers).length > 0,
      'Nothing reads the secret of its client at the login. Add "oidc-secret" to secrets in service.ts, with the uid that reads it.',
    ),
  ),
];
