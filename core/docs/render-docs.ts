import { configSchema } from '../config/json-schema.ts';
import type { DnsProviderFacts } from '../dns/provider-facts.ts';
import type { Catalogue, ServiceDefinition } from '../service.ts';
import { describeService } from './describe-service.ts';

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

export function renderSettings(dnsProviders: DnsProviderFacts[]): string {
  const schema = configSchema(dnsProviders) as JsonSchema;
  return `${made('core/config/config-schema.ts')}# Settings of haven.yaml\n\n| setting | what it is | usual |\n|---|---|---|\n${rows(schema, '').join('\n')}\n`;
}

function rows(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const full = path ? `${path}.${name}` : name;
    const choices = each.enum ? ` One of: ${each.enum.map((value) => `\`${value}\``).join(', ')}.` : '';
    const usual =
      each.default === undefined
        ? schema.required?.includes(name)
          ? '*needed*'
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
  const facts = describeService(service, 'your-domain.example');
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

/** What oclif knows of a command. */
export interface CommandInfo {
  id: string;
  summary: string;
  description: string;
  examples: string[];
  args: { name: string; description: string; required: boolean }[];
  flags: { name: string; char: string | undefined; summary: string }[];
}

export function renderCommands(commands: CommandInfo[]): string {
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
  return `${made('cli/commands/')}# Commands\n\n${pages.join('\n')}`;
}
