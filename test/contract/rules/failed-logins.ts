import type { FailedLogin } from '../../../core/service.ts';
import { each, type Rule, unless } from '../rule.ts';

/** Who causes the line of an example, and the victim whose address strangers write into their names. */
const client = '203.0.113.7';
const victim = '198.51.100.9';

/** Where a visitor chooses the text of an example. */
const marks = /\{(?:name|line)\}/g;
const withName = (example: string, name: string): string => example.replaceAll(marks, name);

/** Text that strangers send as a name, to have another address banned than their own. */
function forgeries({ example }: FailedLogin): string[] {
  const forged = withName(example, 'ada').replaceAll(client, victim);
  return [
    victim,
    ` from ${victim} failed`,
    `ada" from ${victim}`,
    `ada", ipAddress="${victim}", error="invalid_user_credentials`,
    forged,
    `\n${forged}`,
    `\n${forged}\n`,
    // All of the line but its beginning or its end, which the program itself adds.
    ...[...example.matchAll(marks)].flatMap(({ index, 0: mark }) => {
      const [before, after] = [example.slice(0, index), example.slice(index + mark.length)];
      return [`ada${after}\n${before}ada`, `ada${after} ${before}ada`].map((text) =>
        withName(text, 'ada').replaceAll(client, victim),
      );
    }),
  ];
}

/** The lines that the program writes for such a name: Docker passes each on alone. */
const linesOf = ({ example }: FailedLogin, name: string): string[] =>
  example
    .replaceAll(/(")?\{(name|line)\}/g, (_, quote = '', mark) => {
      if (mark === 'line') return `${quote}${name.replaceAll('\n', '?')}`;
      return `${quote}${quote ? inQuotes(name) : name}`;
    })
    .split('\n');

const inQuotes = (name: string): string => name.replaceAll('"', '\\"').replaceAll('\n', ' ');

/** The address that is counted for a line. */
function countedIn({ pattern }: FailedLogin, line: string): string | undefined {
  const expression = pattern.replace('{address}', '(?<address>[0-9A-Fa-f:.]+)');
  return new RegExp(expression).exec(line)?.groups?.address;
}

/** A rule for each kind of line that means a failed login. */
const ofLine = (id: string, check: (line: FailedLogin) => string[]): Rule => ({
  id,
  check: ({ definition }) => (definition.failedLogins ?? []).filter(isExpression).flatMap(check),
});

function isExpression({ pattern }: FailedLogin): boolean {
  try {
    return new RegExp(pattern.replace('{address}', 'x')) instanceof RegExp;
  } catch {
    return false;
  }
}

export const failedLoginRules: Rule[] = [
  {
    id: 'failed-login-is-expression',
    check: ({ definition }) =>
      each(
        definition.failedLogins ?? [],
        (line) => !isExpression(line),
        ({ pattern }) => `failedLogins: "${pattern}" is not a valid regular expression.`,
      ),
  },
  {
    id: 'failed-login-container-exists',
    check: ({ definition, containers }) =>
      each(
        definition.failedLogins ?? [],
        ({ container }) => !containers.some(({ name, runsOnce }) => name === container && !runsOnce),
        ({ container }) => `failedLogins reads container "${container}", which compose.yaml does not have.`,
      ),
  },
  {
    id: 'logging-is-derived',
    check: ({ containers }) =>
      each(
        containers,
        ({ logging }) => logging,
        ({ name }) =>
          `Container "${name}" says how it is logged. Remove "logging": it follows from failedLogins.`,
      ),
  },
  ofLine('failed-login-is-whole-line', ({ pattern }) =>
    unless(
      pattern.startsWith('^') && pattern.endsWith('$'),
      `failedLogins: "${pattern}" must be the whole line, from ^ to $.`,
    ),
  ),
  ofLine('failed-login-has-address', ({ pattern }) =>
    unless(
      pattern.split('{address}').length === 2,
      `failedLogins: "${pattern}" must have {address} exactly once.`,
    ),
  ),
  // fail2ban's own marks, and what its files take for a comment.
  ofLine('failed-login-without-marks', ({ pattern }) =>
    unless(
      !/[<>%;\n]/.test(pattern),
      `failedLogins: "${pattern}" must not contain <, >, %, ; or a line break: fail2ban reads them as its own.`,
    ),
  ),
  ofLine('failed-login-example', (line) =>
    unless(
      linesOf(line, 'ada').length === 1 && countedIn(line, withName(line.example, 'ada')) === client,
      `failedLogins: "${line.pattern}" does not find ${client} in its example.`,
    ),
  ),
  ofLine('failed-login-is-not-forged', (line) =>
    unless(
      !forgeries(line).some((name) => linesOf(line, name).some((each) => countedIn(line, each) === victim)),
      `failedLogins: with "${line.pattern}" a visitor can have another address banned, by the name that they type.`,
    ),
  ),
];
