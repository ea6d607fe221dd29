import { configSchema } from '../config/json-schema.ts';
import type { DnsProviderFacts } from '../dns/provider-facts.ts';
import { authProxyUid } from '../release/auth-proxy.ts';
import { postgresUid } from '../release/compose.ts';
import { blockOf, blockSize, nextFreeBlock, operatorUid, ownUids } from '../release/uids.ts';
import { type ComposeVariable, composeVariables } from '../release/variables.ts';
import type { Catalogue, ServiceDefinition } from '../service.ts';
import { describeService } from './describe-service.ts';
import { settingExamples } from './setting-examples.ts';

/** Pages that are generated from the code: settings from zod, services from their definitions. */
const made = (from: string): string =>
  `<!-- Generated from ${from} by "npm run docs"; changes here are overwritten. -->\n`;

interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  required?: string[];
}

/** A section of haven.yaml each: what it is, an example, and its settings. */
export function renderSettings(dnsProviders: DnsProviderFacts[]): string {
  const schema = configSchema(dnsProviders) as JsonSchema;
  const sections = Object.keys(schema.properties ?? {}).map((name) => {
    const section = { ...schema, properties: { [name]: schema.properties![name]! } };
    return [
      `## ${name}\n`,
      `\`\`\`yaml\n${settingExamples[name] ?? ''}\n\`\`\`\n`,
      '| setting | description | default |',
      '|---|---|---|',
      ...rows(section, ''),
      '',
    ].join('\n');
  });
  return [
    `${made('core/config/config-schema.ts')}# Settings of haven.yaml\n`,
    'The options of each service are on its own page, in the folder [services](services/).\n',
    ...sections,
  ].join('\n');
}

function rows(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const full = path ? `${path}.${name}` : name;
    const choices = each.enum ? ` One of: ${each.enum.map((value) => `\`${value}\``).join(', ')}.` : '';
    const usual =
      each.default === undefined
        ? schema.required?.includes(name)
          ? '*required*'
          : ''
        : `\`${JSON.stringify(each.default)}\``;
    const self = `| \`${full}\` | ${each.description ?? ''}${choices} | ${usual} |`;
    const inner = each.items
      ? rows(each.items, `${full}[]`)
      : typeof each.additionalProperties === 'object'
        ? rows(each.additionalProperties, `${full}.NAME`)
        : rows(each, full);
    return [self, ...inner];
  });
}

/** The page of one service, for an owner who considers it. */
export function renderService(service: ServiceDefinition): string {
  const facts = describeService(service, (subdomain) => `${subdomain}.your-domain.example`);
  const list = (what: string, all: string[], none?: string): string[] =>
    all.length > 0 ? [`- ${what}:`, ...all.map((each) => `  - ${each}`)] : none ? [`- ${none}`] : [];
  const options = facts.options.map(
    (each) => `| \`${each.name}\` | ${each.description} | \`${JSON.stringify(each.default ?? null)}\` |`,
  );
  return [
    `${made(`services/${service.id}/service.ts`)}# ${facts.title}\n`,
    `${facts.summary}\n`,
    `- Runs ${facts.program} (${[facts.licence, facts.homepage].filter(Boolean).join(', ')}).`,
    ...(facts.access ? [`- Access: ${facts.access}`] : []),
    ...list('Opens', facts.opens),
    ...list('Requires', [...facts.needs, `up to ${facts.memoryMb} MB of memory`]),
    ...list('Data', facts.data, 'Stores no data.'),
    ...(options.length > 0 ? ['', '| option | description | default |', '|---|---|---|', ...options] : []),
    '',
  ].join('\n');
}

export function renderServices(catalogue: Catalogue): Record<string, string> {
  return Object.fromEntries(
    [...catalogue].map(([id, { definition }]) => [`services/${id}.md`, renderService(definition)]),
  );
}

/** The variables that compose files may use. */
export function renderVariablesPage(): string {
  const row = ({ name, meaning, when }: ComposeVariable) => `| \`${name}\` | ${meaning} | ${when} |`;
  return [
    `${made('core/release/variables.ts')}# Variables of compose.yaml\n`,
    'A service writes them as `${NAME}`. `<NAME>` and `<READER>` are names from its service.ts, in capitals and with underscores: option `maxFileMb` is `OPTION_MAX_FILE_MB`, secret `db-password` read by `app` is `SECRET_DB_PASSWORD_APP`.\n',
    '| variable | meaning | exists when |',
    '|---|---|---|',
    ...composeVariables.map(row),
    '',
  ].join('\n');
}

/** Which service runs as which uids. */
export function renderUidsPage(catalogue: Catalogue): string {
  const services = [...catalogue.values()].map(({ definition }) => definition);
  const blocks = services
    .map((service) => ({ id: service.id, uids: ownUids(service) }))
    .filter(({ uids }) => uids.length > 0)
    .concat(
      { id: 'every service with a database: PostgreSQL', uids: [postgresUid] },
      { id: 'every protected service: the auth proxy', uids: [authProxyUid] },
    )
    .sort((a, b) => a.uids[0]! - b.uids[0]!)
    .map(({ id, uids }) => {
      const first = blockOf(uids[0]!);
      return `| ${first} to ${first + blockSize - 1} | ${id} | ${uids.join(', ')} |`;
    });
  const exceptions = services
    .filter(({ upstreamUid }) => upstreamUid !== undefined)
    .map(({ id, upstreamUid }) => `| ${upstreamUid} | ${id} |`);
  return [
    `${made('the services')}# Uids\n`,
    "Each service owns a block of ten uids: none of its programs can read another service's files. A service that names no uid has no block.\n",
    `The server's user \`haven\`, who can become root through the agent, is ${operatorUid}.\n`,
    `**The next free block is ${nextFreeBlock(services)}.**\n`,
    '| block | owner | in use |',
    '|---|---|---|',
    ...blocks,
    '',
    '## Exceptions',
    "Images of upstream's that insist on a uid (`upstreamUid` in service.ts):\n",
    '| uid | service |',
    '|---|---|',
    ...exceptions,
    '',
  ].join('\n');
}

/** What oclif knows of a command. */
export interface CommandInfo {
  id: string;
  summary: string;
  description: string;
  examples: string[];
  args: { name: string; description: string; required: boolean }[];
  flags: { name: string; char: string | undefined; summary: string }[];
}

/** How a command can end. */
export interface ExitCodeInfo {
  code: number;
  name: string;
  meaning: string;
}

export function renderCommands(commands: CommandInfo[], exitCodes: ExitCodeInfo[]): string {
  const pages = commands.map((each) => {
    const args = each.args
      .map((arg) => (arg.required ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`))
      .join(' ');
    const options = [
      ...each.args.map((arg) => `| \`${arg.name.toUpperCase()}\` | ${arg.description} |`),
      ...each.flags.map(
        (flag) => `| \`--${flag.name}\`${flag.char ? ` \`-${flag.char}\`` : ''} | ${flag.summary} |`,
      ),
    ];
    return [
      `## haven ${each.id}${args ? ` ${args}` : ''}\n`,
      `${each.summary}\n`,
      ...(each.description ? [`${each.description}\n`] : []),
      ...(options.length > 0 ? ['| | |', '|---|---|', ...options, ''] : []),
      '```',
      ...each.examples,
      '```\n',
    ].join('\n');
  });
  return `${made('cli/commands/')}# Commands

${renderEndings(exitCodes)}
${pages.join('\n')}`;
}

function renderEndings(exitCodes: ExitCodeInfo[]): string {
  const rows = exitCodes.map(({ code, name, meaning }) => `| ${code} | \`${name}\` | ${meaning} |`);
  return `## How a command ends

| exit code | name | meaning |
|---|---|---|
${rows.join('\n')}

\`haven exec\` and \`haven ssh\` end with the code of the command they run.

With \`--json\` a command that fails prints one shape, whatever went wrong:

\`\`\`json
{
  "error": {
    "code": "usage",
    "exitCode": 64,
    "problems": [{ "where": "haven up", "what": "there is no flag \\"--yess\\".", "remedy": "Did you mean \\"--yes\\"?" }]
  }
}
\`\`\`

\`code\` is the name of the exit code, or \`unexpected\` (exit code 1) for a bug in haven, whose stack trace is on standard error.
`;
}
