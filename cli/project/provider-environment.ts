import { dnsProvider } from '../../components/dns-providers.ts';
import { alarmSecretsOf } from '../../core/alarms/alarm-ways.ts';
import { placeSecrets } from '../../core/backups/backup-place.ts';
import { mailSending, relayPassword } from '../../core/config/mail-sending.ts';
import { sendingPassword } from '../../core/config/sending.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';

/** A cloud, and the secrets that it has tokens in. */
export interface WithTokens {
  config: Project['config'];
  secrets: Pick<Project['secrets'], 'get'>;
}

/**
 * The environment variables of the providers, with their tokens: from this process's environment, else from secrets.age.
 * Providers get tokens only in this way, so that none is in the state. Reports everything that is missing.
 */
export function providerEnvironment(project: WithTokens): Record<string, string> {
  const problems: Problem[] = [];
  const environment: Record<string, string> = {};
  const need = (variable: string, secret: string, why: string) => {
    const value = process.env[variable] ?? project.secrets.get(secret);
    if (value) environment[variable] = value;
    else
      problems.push({
        where: variable,
        what: `is missing: ${why}`,
        remedy: `Run: haven secret set ${secret}`,
      });
  };
  need('HCLOUD_TOKEN', 'hcloud-token', 'the server is at Hetzner.');
  const providers = [...new Set(project.config.domains.map((each) => each.dns))].map(dnsProvider);
  for (const { id, token } of providers)
    if (token) need(token.variable, token.secret, `haven.yaml has a domain with "dns: ${id}".`);
  if (project.config.sending && project.secrets.get(sendingPassword) === undefined)
    problems.push({
      where: sendingPassword,
      what: `is missing: haven.yaml says that this cloud sends by ${project.config.sending.host}.`,
      remedy: `Run: haven secret set ${sendingPassword}`,
    });
  const relays = Object.values(project.config.services).flatMap(
    ({ options }) => mailSending(options ?? {}).relay ?? [],
  );
  for (const { host } of project.secrets.get(relayPassword) === undefined ? relays : [])
    problems.push({
      where: relayPassword,
      what: `is missing: haven.yaml says that this cloud's mail can go by ${host}.`,
      remedy: `Run: haven secret set ${relayPassword}`,
    });
  for (const name of alarmSecretsOf(project.config.alarms).required)
    if (name !== sendingPassword && project.secrets.get(name) === undefined)
      problems.push({
        where: name,
        what: 'is missing: haven.yaml has alarms that are sent with it.',
        remedy: `Run: haven secret set ${name}`,
      });
  for (const name of project.config.backups?.s3 ? placeSecrets.s3 : [])
    if (project.secrets.get(name) === undefined)
      problems.push({
        where: name,
        what: 'is missing: haven.yaml has backups to a bucket that is opened with it.',
        remedy: `Run: haven secret set ${name}`,
      });
  if (problems.length > 0) throw new ProblemsError(problems);
  for (const name of ['HCLOUD_ENDPOINT', ...providers.flatMap((each) => each.variables ?? [])])
    if (process.env[name]) environment[name] = process.env[name];
  return environment;
}
