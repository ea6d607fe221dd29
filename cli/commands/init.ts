import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkbox, input, password, select } from '@inquirer/prompts';
import { Flags } from '@oclif/core';
import { dnsProvider, dnsProviderFacts, dnsProviders } from '../../components/dns-providers.ts';
import { checkAnswer } from '../../core/config/config-schema.ts';
import { isImplied } from '../../core/config/dependencies.ts';
import { renderSchema } from '../../core/config/json-schema.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { type InitAnswers, renderConfig } from '../../core/config/render-config.ts';
import { hetznerLocations, hetznerTypes } from '../../core/config/server-types.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Catalogue } from '../../core/service.ts';
import { HavenCommand } from '../base-command.ts';
import { loadProjectCatalogue } from '../project/project.ts';
import { SecretStore } from '../project/secret-store.ts';
import { checkHetznerToken } from '../wizard/token-checks.ts';

export default class Init extends HavenCommand {
  static override summary =
    'Ask a few questions and write haven.yaml, with everything that belongs beside it.';
  static override description =
    'Writes haven.yaml, its schema for editors, secrets.age and .gitignore into the directory. Tokens are tried at once, and kept in secrets.age only. Every answer may be given as a flag; tokens as environment variables such as HCLOUD_TOKEN.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --domain example.org --dns cloudflare --owner-name "Ada" --owner-email ada@example.com --service website',
  ];
  static override flags = {
    directory: Flags.string({ default: '.', summary: 'Where to write.' }),
    domain: Flags.string({ summary: 'Your domain.' }),
    dns: Flags.string({ options: [...dnsProviders.keys()], summary: 'Who hosts its DNS.' }),
    'owner-name': Flags.string({ summary: 'Your name.' }),
    'owner-email': Flags.string({ summary: 'Your e-mail address, outside this cloud.' }),
    type: Flags.string({ summary: 'Size of the machine.' }),
    location: Flags.string({ summary: 'Where it stands.' }),
    disk: Flags.integer({ summary: 'Size of the volume, in GB.' }),
    service: Flags.string({ multiple: true, summary: 'A service to run; may be given several times.' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Init);
    const directory = resolve(flags.directory);
    const file = join(directory, 'haven.yaml');
    if (existsSync(file))
      throw new ProblemsError([
        {
          where: file,
          what: 'is there already. Nothing was changed.',
          remedy: 'Change it with an editor, or choose another --directory.',
        },
      ]);
    const catalogue = await loadProjectCatalogue(directory);
    const answers = await this.#answers(flags, catalogue);

    // What would be refused later is refused now, before anything is written.
    const text = renderConfig(answers, dnsProviderFacts);
    loadConfig(text, catalogue, dnsProviderFacts);
    const tokens = await this.#tokens(answers);

    mkdirSync(directory, { recursive: true });
    const secrets = await SecretStore.open(directory, answers.id);
    for (const [name, value] of Object.entries(tokens)) await secrets.set(name, value);
    writeFileSync(join(directory, 'haven.schema.json'), renderSchema(catalogue, dnsProviderFacts));
    const ignore = join(directory, '.gitignore');
    if (!existsSync(ignore))
      writeFileSync(
        ignore,
        '# State of the engine; it is encrypted, and no two people may change it at once.\n.haven/\n',
      );
    writeFileSync(file, text, { flag: 'wx' });
    this.log(`\n  Written: ${file}`);
    if (!process.env.HAVEN_AGE_KEY)
      this.log(
        `  The key to secrets.age lies in ${SecretStore.keyFile(answers.id)}. Keep a copy of it somewhere safe.`,
      );
    this.log('  Next: haven plan');
    return { directory, id: answers.id };
  }

  async #answers(flags: Record<string, unknown>, catalogue: Catalogue): Promise<InitAnswers> {
    const missing: string[] = [];
    const ask = async <T>(flag: string, question: () => Promise<T>, usual?: T): Promise<T> => {
      const given = flags[flag] as T | undefined;
      if (given !== undefined) return given;
      if (process.stdin.isTTY) return question();
      if (usual !== undefined) return usual;
      missing.push(flag);
      return undefined as T;
    };
    const domain = await ask('domain', async () =>
      asDomain(
        await input({
          message: 'Your domain:',
          validate: (typed) => checkAnswer('domain', asDomain(typed)),
        }),
      ),
    );
    const dns = await ask('dns', () =>
      select({
        message: 'Who hosts its DNS?',
        choices: dnsProviderFacts.map(({ id, title }) => ({ value: id, name: title })),
      }),
    );
    const name = await ask('owner-name', () => input({ message: 'Your name:', required: true }));
    const email = await ask('owner-email', () =>
      input({
        message: 'Your e-mail address (outside this cloud):',
        validate: (typed) => checkAnswer('email', typed),
      }),
    );
    const services = await ask(
      'service',
      () =>
        checkbox({
          message: 'What shall run?',
          choices: [...catalogue.values()]
            .filter((each) => !isImplied(each.definition))
            .map(({ definition }) => ({
              value: definition.id,
              name: `${definition.title}: ${definition.summary}`,
              checked: true,
            })),
        }),
      ['website'],
    );
    const location = await ask(
      'location',
      () =>
        select({
          message: 'Where shall the machine stand?',
          choices: Object.entries(hetznerLocations).map(([value, place]) => ({
            value,
            name: `${place} (${value})`,
          })),
        }),
      'fsn1',
    );
    const type = await ask(
      'type',
      () =>
        select({
          message: 'How large?',
          choices: Object.entries(hetznerTypes).map(([value, each]) => ({
            value,
            name: `${value}: ${each.cores} cores, ${each.memoryGb} GB of memory`,
          })),
        }),
      'cx23',
    );
    const diskGb = await ask(
      'disk',
      async () =>
        Number(
          await input({
            message: 'Volume for all data, in GB:',
            default: '20',
            validate: (typed) => checkAnswer('disk', Number(typed)),
          }),
        ),
      20,
    );
    if (missing.length > 0) {
      throw new ProblemsError(
        missing.map((flag) => ({
          where: 'haven init',
          what: `--${flag} is missing, and nobody is there to ask.`,
          remedy: `Give --${flag}.`,
        })),
      );
    }
    const label =
      domain
        .split('.')[0]!
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]/g, '')
        .replace(/^[^a-z]+/, '')
        .slice(0, 20) || 'haven';
    return {
      id: `${label}-${randomInt(1000, 10_000)}`,
      domain,
      dns,
      owner: { name, email },
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
      type,
      location,
      diskGb,
      services,
    };
  }

  /** Tokens, tried at their question. Those that the environment holds stay there. */
  async #tokens({ dns, domain }: InitAnswers): Promise<Record<string, string>> {
    const tokens: Record<string, string> = {};
    const obtain = async (
      variable: string,
      secret: string,
      message: string,
      check: (token: string) => Promise<string | true>,
    ) => {
      const given = process.env[variable];
      if (given) {
        const verdict = await check(given);
        if (verdict !== true) throw new ProblemsError([{ where: variable, what: verdict, remedy: '' }]);
      } else if (process.stdin.isTTY) {
        tokens[secret] = await password({ message, mask: true, validate: check });
      }
    };
    await obtain('HCLOUD_TOKEN', 'hcloud-token', 'Hetzner API token (Read & Write):', checkHetznerToken);
    const provider = dnsProvider(dns);
    if (provider.token) {
      const { variable, secret, prompt } = provider.token;
      const check = async (token: string) => (await provider.checkToken?.(token, domain)) ?? true;
      await obtain(variable, secret, prompt, check);
    }
    return tokens;
  }
}

/** A domain as somebody types it, or copies it from a browser. */
const asDomain = (typed: string): string =>
  typed
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/.]+$/, '');
