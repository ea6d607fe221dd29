import { toEnvName } from '../../../core/release/release.ts';
import { mountedFiles } from '../mounted-files.ts';
import { each, type Rule } from '../rule.ts';
import type { Container, Subject } from '../subject.ts';

const variablesOf = ({ containers }: Subject) =>
  containers.flatMap(({ name: container, environment }) =>
    Object.entries(environment).map(([name, value]) => ({ container, name, value })),
  );

/** An address in which nothing is secret: it has no user, no password and no query (RFC 3986 §3.2.1, §3.4). */
const isAddress = (value: string): boolean => /^(https?:\/\/|\$\{LOGIN_ISSUER\})[^@?\s]*$/.test(value);

/** Names of files below /run/secrets that a container's settings, command or mounted files speak of. */
function filesNamedIn(subject: Subject, container: Container): string[] {
  const { environment, command } = container;
  const texts = [command, ...Object.values(environment), ...mountedFiles(subject, container)];
  const names = texts.flatMap((text) =>
    [...text.matchAll(/\/run\/secrets\/([\w.-]+)/g)].map(([, name]) => name!),
  );
  return [...new Set(names)];
}

/** Of these, the ones that are not there. */
const missingFiles = (subject: Subject, container: Container): string[] =>
  filesNamedIn(subject, container).filter((file) => !container.secrets.some(({ target }) => target === file));

/** Variables that a shell script fills from a secret's file and hands to other programs. */
function exportedSecrets(script: string): string[] {
  const assignments = [
    ...script.matchAll(
      /^(.*?)\b([A-Za-z_]\w*)=(?:"[^"\n]*?|[^\s"']*?)\${1,2}\((?:cat |< *)\/run\/secrets\/[\w.-]+\)"?(.*)$/gm,
    ),
  ];
  return assignments
    .filter(
      ([, before = '', name, after = '']) =>
        /\bexport\s/.test(before) ||
        // Before a command, a variable is in that command's environment.
        /^[ \t]+[^\s;&|#]/.test(after) ||
        new RegExp(`\\bexport\\b[^\\n]*\\b${name}\\b`).test(script),
    )
    .map(([, , name]) => name!);
}

/** Values of secrets are in no text; programs read them from files. */
export const secretRules: Rule[] = [
  {
    id: 'secret-in-variable',
    check: (subject) =>
      each(
        variablesOf(subject),
        ({ name, value }) =>
          /PASSWORD|SECRET|TOKEN|KEY/.test(name) &&
          !/_FILE$/.test(name) &&
          !/^(true|false|\/.*)$/.test(value) &&
          !isAddress(value),
        ({ container, name }) =>
          `Container "${container}": ${name} may hold a secret. Give it as a file: ${name}_FILE: /run/secrets/<name>.`,
      ),
  },
  {
    id: 'secret-in-environment',
    check: (subject) =>
      subject.containers.flatMap((container) =>
        [container.command, ...mountedFiles(subject, container)]
          .flatMap(exportedSecrets)
          .map(
            (name) =>
              `Container "${container.name}": a script puts a secret into the environment variable ${name}, where lists of processes show it. Write it into a file in /tmp (umask 0077) and name that file to the program.`,
          ),
      ),
  },
  {
    id: 'secret-path-in-variable',
    check: (subject) =>
      each(
        variablesOf(subject),
        ({ value }) => value.includes('${SECRET_'),
        ({ container, name }) =>
          `Container "${container}": ${name} holds a path of the server. List the secret below "secrets:" and write /run/secrets/<name>.`,
      ),
  },
  {
    id: 'secret-file-is-variable',
    check: ({ composeSecrets }) =>
      each(
        Object.entries(composeSecrets),
        ([, file]) => !/^\$\{SECRET_[A-Z0-9_]+\}$/.test(file ?? ''),
        ([name]) => `Secret "${name}" must be { file: "\${SECRET_<NAME>_<READER>}" }.`,
      ),
  },
  {
    id: 'secret-is-given',
    check: ({ composeSecrets, bundle }) => {
      const given = Object.entries(bundle.release.secrets).flatMap(([name, { readers }]) =>
        Object.keys(readers).map((reader) => `\${SECRET_${toEnvName(name)}_${toEnvName(reader)}}`),
      );
      return each(
        Object.entries(composeSecrets).filter(([, file]) => /^\$\{SECRET_[A-Z0-9_]+\}$/.test(file ?? '')),
        ([, file]) => !given.includes(file!),
        ([name, file]) => `Secret "${name}" is ${file}, which the secrets of service.ts do not give.`,
      );
    },
  },
  {
    id: 'secret-file-is-mounted',
    check: (subject) =>
      subject.containers.flatMap((container) =>
        missingFiles(subject, container).map(
          (file) =>
            `Container "${container.name}" reads /run/secrets/${file}, which is not mounted. Add "${file}" to its "secrets:".`,
        ),
      ),
  },
  {
    id: 'secret-is-mounted',
    check: (subject) => {
      const { containers, composeSecrets, definition } = subject;
      const mounted = containers.flatMap(({ secrets }) =>
        secrets.map(({ source }) => composeSecrets[source]),
      );
      // Where a container's settings name the file, the rule above says it.
      const reported = containers.flatMap((container) => missingFiles(subject, container));
      const given = Object.entries(definition.secrets ?? {}).flatMap(([name, readers]) =>
        Object.keys(readers).map((reader) => ({
          name,
          reader,
          file: `\${SECRET_${toEnvName(name)}_${toEnvName(reader)}}`,
        })),
      );
      return each(
        given.filter(({ name }) => !reported.includes(name)),
        ({ file }) => !mounted.includes(file),
        ({ name, reader, file }) =>
          `service.ts gives "${reader}" the secret "${name}", and no container mounts it. Write ${name}: { file: "${file}" } below "secrets:" of compose.yaml, and "${name}" in the "secrets:" of the container; or remove it from service.ts.`,
      );
    },
  },
  {
    id: 'database-is-needed',
    check: ({ definition: { secrets = {}, needs } }) =>
      each(
        Object.keys(secrets),
        (name) => name === 'db-password' && !needs?.database,
        () => 'secrets names "db-password", and there is no database. Add needs.database: true.',
      ),
  },
];
