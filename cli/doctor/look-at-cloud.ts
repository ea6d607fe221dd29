import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dnsProvider } from '../../components/dns-providers.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import { defaultDirectory, Project } from '../project/project.ts';
import { providerEnvironment } from '../project/provider-environment.ts';
import { SecretStore } from '../project/secret-store.ts';
import { type Finding, found } from './finding.ts';

/** The cloud of a directory, if there is one that can be read, and what is missing in the directory. */
export interface CloudLook {
  project: Project | undefined;
  findings: Finding[];
}

const toUse = 'every command about your cloud';

/** Reads the directory of a cloud and changes nothing in it: where there is no key, none is made. */
export async function lookAtCloud(
  directory = process.env.HAVEN_DIRECTORY ?? defaultDirectory(),
): Promise<CloudLook> {
  const here = resolve(directory);
  const yaml = found('cloud', 'haven.yaml', toUse, join(here, 'haven.yaml'));
  if (!existsSync(yaml.evidence)) {
    const remedy = 'Run: haven init   (or go to the directory of your cloud)';
    return none([{ ...yaml, state: 'later', evidence: `there is none in ${here}`, remedy }]);
  }
  const secrets = found('cloud', 'secrets.age', 'tokens and keys', join(here, 'secrets.age'));
  if (!existsSync(secrets.evidence)) {
    const remedy = 'Run: haven secret set hcloud-token';
    return none([yaml, { ...secrets, state: 'missing', evidence: `there is none in ${here}`, remedy }]);
  }
  try {
    const project = await Project.open(here);
    const key = found('cloud', 'Key of secrets.age', toUse, whereKeyIs(project));
    return { project, findings: [yaml, secrets, key, ...tokens(project)] };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return none(error.problems.map((each) => missing(each, toUse)));
  }
}

const none = (findings: Finding[]): CloudLook => ({ project: undefined, findings });

const missing = ({ where, what, remedy }: Problem, purpose: string): Finding => ({
  ...found('cloud', where, purpose, what),
  state: 'missing',
  remedy,
});

const whereKeyIs = ({ config }: Project): string =>
  process.env.HAVEN_AGE_KEY ? 'in the variable HAVEN_AGE_KEY' : SecretStore.keyFile(config.id);

/** Which tokens and passwords are set, never what they are. */
function tokens(project: Project): Finding[] {
  const purpose = 'plan, up and destroy';
  const lacking = lackingIn(project);
  const providers = [...new Set(project.config.domains.map((each) => each.dns))].map(dnsProvider);
  const required = [
    { variable: 'HCLOUD_TOKEN', secret: 'hcloud-token' },
    ...providers.flatMap(({ token }) => (token ? [token] : [])),
  ];
  const set = required.flatMap(({ variable, secret }) => {
    if (lacking.some(({ where }) => where === variable)) return [];
    const where = process.env[variable] ? `set, in the variable ${variable}` : 'set, in secrets.age';
    return [found('cloud', secret, purpose, where)];
  });
  return [...set, ...lacking.map((each) => missing(each, purpose))];
}

function lackingIn(project: Project): Problem[] {
  try {
    providerEnvironment(project);
    return [];
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
}
