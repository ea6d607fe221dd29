import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dnsProvider, dnsProviderFacts } from '../../components/dns-providers.ts';
import type { HavenConfig } from '../../core/config/config-schema.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import { defaultDirectory, Project } from '../project/project.ts';
import { loadProjectCatalogue } from '../project/project-catalogue.ts';
import { providerEnvironment, type WithTokens } from '../project/provider-environment.ts';
import { SecretStore } from '../project/secret-store.ts';
import { type Finding, found } from './finding.ts';

/** The cloud of a directory, as far as it can be read, and what is missing there. */
export interface CloudLook {
  directory: string;
  config: HavenConfig | undefined;
  /** Only with its key. */
  project: Project | undefined;
  findings: Finding[];
}

const toUse = 'every command about your cloud';

/** Reads the directory of a cloud and changes nothing in it: where there is no key, none is made. */
export async function lookAtCloud(
  directory = resolve(process.env.HAVEN_DIRECTORY ?? defaultDirectory()),
): Promise<CloudLook> {
  const look = { directory, config: undefined, project: undefined };
  const yaml = found('cloud', 'haven.yaml', toUse, join(directory, 'haven.yaml'));
  if (!existsSync(yaml.evidence)) {
    const remedy = 'Run: haven init   (or go to the directory of your cloud)';
    return {
      ...look,
      findings: [{ ...yaml, state: 'later', evidence: `there is none in ${directory}`, remedy }],
    };
  }
  try {
    const secrets = found('cloud', 'secrets.age', 'tokens and keys', join(directory, 'secrets.age'));
    if (existsSync(secrets.evidence)) {
      const project = await Project.open(directory);
      const { config } = project;
      const key = found('cloud', 'Key of secrets.age', toUse, whereKeyIs(config));
      return { directory, config, project, findings: [yaml, secrets, key, ...tokens(project)] };
    }
    const text = readFileSync(yaml.evidence, 'utf8');
    const catalogue = await loadProjectCatalogue(directory, text);
    const config = loadConfig(text, catalogue, dnsProviderFacts, 'haven.yaml');
    const none: Finding = {
      ...secrets,
      state: 'later',
      evidence: 'there is none yet; the first secret or plan makes it',
    };
    return { ...look, config, findings: [yaml, none, ...tokens({ config, secrets: noSecrets })] };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return { ...look, findings: error.problems.map((each) => missing(each, toUse)) };
  }
}

const noSecrets = { get: () => undefined };

const missing = ({ where, what, remedy }: Problem, purpose: string): Finding => ({
  ...found('cloud', where, purpose, what),
  state: 'missing',
  remedy,
});

const whereKeyIs = ({ id }: HavenConfig): string =>
  process.env.HAVEN_AGE_KEY ? 'in the variable HAVEN_AGE_KEY' : SecretStore.keyFile(id);

/** Which tokens and passwords are set, never what they are. */
function tokens(project: WithTokens): Finding[] {
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

function lackingIn(project: WithTokens): Problem[] {
  try {
    providerEnvironment(project);
    return [];
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
}
