import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { z } from 'zod';
import { dnsProvider, dnsProviderFacts, dnsProviders } from '../../components/dns-providers.ts';
import { HetznerApi } from '../../components/hetzner-api.ts';
import { renderSchema } from '../../core/config/json-schema.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { type InitAnswers, renderConfig } from '../../core/config/render-config.ts';
import { notSold, soldAt } from '../../core/plan/sold.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import type { Catalogue } from '../../core/service.ts';
import { HavenCommand } from '../base-command.ts';
import { terminal } from '../output/terminal.ts';
import { loadPricing } from '../project/load-pricing.ts';
import { ownerSecretNames } from '../project/owner-secrets.ts';
import { pinImages } from '../project/pin-images.ts';
import { Project } from '../project/project.ts';
import { loadProjectCatalogue } from '../project/project-catalogue.ts';
import { SecretStore } from '../project/secret-store.ts';
import { loadAnswers } from '../wizard/answers-file.ts';
import { changeAnswer } from '../wizard/change-answer.ts';
import { removeDraft } from '../wizard/draft.ts';
import { askInit } from '../wizard/init-questions.ts';
import { makeFolder } from '../wizard/make-folder.ts';
import { questions } from '../wizard/questions.ts';
import { checkAtQuestion, checkDnsToken, checkHetznerToken } from '../wizard/token-checks.ts';

export const output = z.strictObject({
  directory: z.string(),
  id: z.string(),
  /** Tokens that are still missing, by their name for "haven secret set". */
  missingSecrets: z.array(z.string()),
  /** Servers in the same Hetzner project that are not of this cloud. */
  otherServers: z.array(z.string()),
});

export default class Init extends HavenCommand {
  static override summary = 'Ask a few questions and write haven.yaml.';
  static override description =
    'Writes haven.yaml, its schema for editors, haven.lock, secrets.age and .gitignore into the directory. Nothing is bought. haven.lock names the digest of each image as its registry has it now; if a registry can\'t be reached within a few seconds, the first "haven up" writes it. Ctrl-C keeps your answers. Tokens are tried at once, by creating and deleting an empty firewall at Hetzner and a TXT record in your zone, and saved in secrets.age only. Every answer can be given as a flag, or in a file by the names of the flags; tokens as environment variables such as HCLOUD_TOKEN. Where haven.yaml already exists, asks which answer to change.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --domain example.org --dns cloudflare --owner-name "Ada" --owner-email ada@example.com --service website',
    '<%= config.bin %> <%= command.id %> --answers answers.yaml',
  ];
  static override flags = {
    directory: Flags.string({ default: '.', summary: 'The directory to write to.' }),
    answers: Flags.string({
      summary: 'A YAML file of answers, one "flag: answer" per line, such as "domain: example.org".',
    }),
    id: Flags.string({ summary: 'Unique name of this cloud. Default: by the domain, with a number.' }),
    domain: Flags.string({ summary: 'Your domain.' }),
    dns: Flags.string({ options: [...dnsProviders.keys()], summary: 'Where its DNS is managed.' }),
    'owner-name': Flags.string({ summary: 'Your name.' }),
    'owner-email': Flags.string({ summary: 'Your email address, outside this cloud.' }),
    'time-zone': Flags.string({
      summary: "Time zone of logs and schedules, such as Europe/Berlin. Default: this machine's.",
    }),
    type: Flags.string({ summary: 'Size of the server.' }),
    location: Flags.string({ summary: 'Where the server is.' }),
    disk: Flags.integer({ summary: 'Size of the volume, in GB.' }),
    service: Flags.string({
      multiple: true,
      summary: 'A service to run; several with commas, or by giving the flag several times.',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { flags } = await this.parse(Init);
    const { directory: folder, answers: answersFile, ...typed } = flags;
    const directory = resolve(folder);
    const file = join(directory, 'haven.yaml');
    if (existsSync(file)) {
      const isAnswered = answersFile !== undefined || Object.keys(typed).some((name) => name !== 'json');
      if (this.mayAsk && !isAnswered) return this.#change(directory);
      throw new ProblemsError([
        {
          where: file,
          what: 'already exists: you have a cloud here. Nothing was changed.',
          remedy:
            'To change an answer, run haven init without flags in a terminal, or edit that file. For another cloud, choose another --directory.',
        },
      ]);
    }
    const flagged = { ...(answersFile === undefined ? {} : loadAnswers(answersFile)), ...typed };
    makeFolder(directory);
    const catalogue = await loadProjectCatalogue(directory);
    const answers = await this.#ask(() => askInit(flagged, { directory, catalogue, mayAsk: this.mayAsk }));
    renderChecked(answers, catalogue);
    const { given, missing, zone, otherServers } = await this.#ask(() => this.#tokens(answers));
    const type = await this.#ask(() => this.#soldType(answers, given['hcloud-token']));
    const inZone = zone === answers.domain ? {} : { zone };
    const text = renderChecked({ ...answers, type, ...inZone }, catalogue);

    const secrets = await SecretStore.open(directory, answers.id);
    for (const [name, value] of Object.entries(given)) await secrets.set(name, value);
    writeFileSync(join(directory, 'haven.schema.json'), renderSchema(catalogue, dnsProviderFacts));
    const ignore = join(directory, '.gitignore');
    if (!existsSync(ignore))
      writeFileSync(
        ignore,
        '# State of the engine. It is encrypted, and only one command at a time may change it.\n.haven/\n',
      );
    writeFileSync(file, text, { flag: 'wx' });
    removeDraft(directory);
    // A plan writes nothing: what it is made with is here before.
    const project = await Project.open(directory);
    await project.keys();
    const notPinned = await pinImages(project);
    if (zone !== answers.domain)
      this.log(`\n  ${answers.domain} is in your zone ${zone}. All other records there are left unchanged.`);
    if (otherServers.length > 0) this.log(describeOthers(otherServers));
    if (notPinned) this.log(`\n  ${notPinned}`);
    this.#say(file, answers.id, missing);
    return { directory, id: answers.id, missingSecrets: missing, otherServers };
  }

  /** The type that was chosen, if it is sold at that place; a person is asked again. Without a token that is not known yet. */
  async #soldType({ type, location }: InitAnswers, given: string | undefined): Promise<string> {
    const token = process.env.HCLOUD_TOKEN ?? given;
    if (token === undefined) return type;
    const { pricing } = await loadPricing(new HetznerApi({ ...process.env, HCLOUD_TOKEN: token }));
    const sold = pricing === undefined ? [type] : soldAt(location, pricing);
    if (sold.includes(type)) return type;
    const problem = notSold(type, location, sold);
    if (!this.mayAsk || sold.length === 0)
      throw new ProblemsError([{ where: '--type', ...problem }], 'usage');
    this.log(`  ${problem.what}`);
    return questions.type(undefined, sold);
  }

  /** Where there is a cloud already, one of its answers can be changed. */
  async #change(directory: string): Promise<z.infer<typeof output>> {
    const project = await Project.open(directory);
    const changed = await changeAnswer(project);
    const plan = `${goTo(directory)}haven plan`;
    if (changed === 'haven.yaml') {
      const notPinned = await pinImages(await Project.open(directory));
      if (notPinned) this.log(`  ${notPinned}`);
      this.log(`  Written: ${join(directory, 'haven.yaml')}
  To see what would change, run: ${plan}`);
    } else if (changed === 'token') {
      const name = await terminal.select(
        'Which token?',
        ownerSecretNames.map((each) => ({ value: each, name: each })),
      );
      process.env.HAVEN_DIRECTORY = directory;
      await this.runHaven('secret:set', [name]);
    } else this.log('  Nothing was changed.');
    return { directory, id: project.config.id, missingSecrets: [], otherServers: [] };
  }

  /** Answers are kept as they are given, so an interruption loses none; that has to be said. */
  async #ask<T>(questions: () => Promise<T>): Promise<T> {
    try {
      return await questions();
    } catch (error) {
      if (error instanceof Error && error.name === 'ExitPromptError')
        terminal.tell('\n  Your answers are kept. To continue, run: haven init\n');
      throw error;
    }
  }

  #say(file: string, id: string, missing: string[]): void {
    this.log(`\n  Written: ${file}`);
    if (!process.env.HAVEN_AGE_KEY)
      this.log(
        `  The key to secrets.age is in ${SecretStore.keyFile(id)}. Keep a copy of it somewhere safe: without it, secrets.age can't be opened.`,
      );
    const next = missing.length > 0 ? `haven secret set ${missing[0]}` : 'haven plan';
    if (missing.length > 0) this.log(`  Still missing: ${missing.join(', ')}.`);
    this.log(`  Next: ${goTo(dirname(file))}${next}`);
  }

  /** Tokens, tried at their question. Those in the environment stay there. */
  async #tokens({ id, dns, domain }: InitAnswers): Promise<Tokens> {
    const given: Record<string, string> = {};
    const missing: string[] = [];
    let zone = domain;
    let otherServers: string[] = [];
    const obtain = async (
      variable: string,
      secret: string,
      question: string,
      check: (token: string) => Promise<string | true>,
    ) => {
      const fromEnvironment = process.env[variable];
      if (fromEnvironment) {
        const verdict = await check(fromEnvironment);
        const remedy = `Set ${variable} to another token, or unset it. Then run: haven init`;
        if (verdict !== true) throw new ProblemsError([{ where: variable, what: verdict, remedy }]);
      } else if (this.mayAsk) {
        // A line end or a blank comes along when a token is pasted.
        given[secret] = (
          await terminal.password(question, (typed) => checkAtQuestion(() => check(typed.trim())))
        ).trim();
      } else missing.push(secret);
    };
    const onOthers = (found: string[]) => {
      otherServers = found;
    };
    await obtain('HCLOUD_TOKEN', 'hcloud-token', 'Hetzner API token (Read & Write):', (token) =>
      checkHetznerToken(token, id, onOthers),
    );
    const provider = dnsProvider(dns);
    if (provider.token) {
      const { variable, secret, prompt } = provider.token;
      const onZone = (found: string) => {
        zone = found;
      };
      await obtain(variable, secret, prompt, (token) => checkDnsToken(provider, token, domain, onZone));
    }
    return { given, missing, zone, otherServers };
  }
}

interface Tokens {
  given: Record<string, string>;
  missing: string[];
  zone: string;
  otherServers: string[];
}

const describeOthers = (servers: string[]): string =>
  `\n  This Hetzner project also has ${servers.length === 1 ? 'a server' : `${servers.length} servers`} of yours: ${servers.join(', ')}. haven leaves them unchanged, but its token reaches them.\n  Recommended: create a project for this cloud alone, with a token of its own.`;

/** By which flag a setting of haven.yaml is given. */
const flagOf: [setting: RegExp, flag: string][] = [
  [/^id\b/, '--id'],
  [/^domains\.0\.name\b/, '--domain'],
  [/^domains\.0\.dns\b/, '--dns'],
  [/^owner\.name\b/, '--owner-name'],
  [/^owner\.email\b/, '--owner-email'],
  [/^timeZone\b/, '--time-zone'],
  [/^server\.type\b/, '--type'],
  [/^server\.location\b/, '--location'],
  [/^server\.diskGb\b/, '--disk'],
  [/^services\b/, '--service'],
];

/** What would be refused later is refused now, by the flag that says it: nobody has seen the file yet. */
function renderChecked(answers: InitAnswers, catalogue: Catalogue): string {
  const text = renderConfig(answers, dnsProviderFacts);
  try {
    loadConfig(text, catalogue, dnsProviderFacts);
    return text;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError(error.problems.map(atFlag), 'usage');
  }
}

function atFlag(problem: Problem): Problem {
  const [, flag] = flagOf.find(([setting]) => setting.test(problem.what)) ?? [];
  return flag ? { ...problem, where: flag, what: problem.what.replace(/^\S+: /, '') } : problem;
}

/** How a command begins that is meant for this directory: from above it by the shortest way, from elsewhere by its whole name. */
function goTo(directory: string): string {
  const full = resolve(directory);
  const way = relative(process.cwd(), full);
  if (way === '') return '';
  return `cd ${way.startsWith('..') ? full : way} && `;
}
