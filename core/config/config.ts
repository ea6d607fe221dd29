import { getPublicSuffix } from 'tldts';
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Catalogue } from '../../services/catalogue.ts';
import type { DnsProviderFacts } from '../dns/provider-facts.ts';
import { chosenServices } from '../plan/dependencies.ts';
import { nearest, type Problem, ProblemsError } from '../problem.ts';
import { domainPattern } from './domain-pattern.ts';
import { sendingSchema } from './sending-schema.ts';
import { hetznerLocations, hetznerTypes, systemMemoryMb } from './server-types.ts';

/** The version of haven.yaml that this program writes and reads. */
export const configVersion = 1;

const hostLabel = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is no host name: lower-case letters, digits and hyphens');
const domainName = z
  .string()
  .regex(domainPattern, 'is no domain name such as "example.org"')
  .refine(
    (name) => getPublicSuffix(name, { allowPrivateDomains: true }) !== name,
    'is a public suffix: nobody can own it, only a name below it',
  );

const timeZones = new Set(Intl.supportedValuesOf('timeZone').concat('UTC', 'Etc/UTC'));

/** haven.yaml. Every setting is explained here and nowhere else; schema, docs and wizard are made from it. */
export const havenSchema = z.strictObject({
  version: z.literal(configVersion).describe('Version of this file.'),
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{2,30}[a-z0-9]$/, 'must be 4 to 32 lower-case letters, digits and hyphens')
    .describe('Names this cloud in every label and path. Made once by `haven init`; never change it.'),
  domains: z
    .array(
      z.strictObject({
        name: domainName.describe('A domain that you own.'),
        dns: z.string().describe('Who hosts its DNS.'),
      }),
    )
    .min(1, 'needs at least one domain')
    .describe('Your domains. The first is the main one: services live under it unless they say otherwise.'),
  owner: z
    .strictObject({
      name: z.string().min(1).max(100).describe('Who runs this cloud.'),
      email: z
        .email('is no e-mail address')
        .describe('Where the certificate authority and alarms reach you; outside this cloud.'),
    })
    .describe('You.'),
  timeZone: z
    .string()
    .refine((zone) => timeZones.has(zone), 'is no time zone such as "Europe/Berlin"')
    .default('UTC')
    .describe('Time zone of logs and schedules (IANA name).'),
  server: z
    .strictObject({
      provider: z.enum(['hetzner']).default('hetzner').describe('Who runs the machine.'),
      type: z.string().default('cx23').describe("Size of the machine, by the provider's name for it."),
      location: z.string().default('fsn1').describe('Where it stands.'),
      diskGb: z
        .int()
        .min(10)
        .max(10240)
        .default(20)
        .describe('Size of the volume that holds all data, in GB. It can grow, not shrink.'),
    })
    .describe('The machine.'),
  sending: sendingSchema
    .optional()
    .describe(
      'An account at a mail server elsewhere, by which this cloud sends letters such as invitations.',
    ),
  services: z
    .record(
      z.string(),
      z.strictObject({
        subdomain: hostLabel.optional().describe('Its name under the domain, if not the usual one.'),
        access: z
          .enum(['public', 'users', 'admins'])
          .optional()
          .describe(
            'Who may open its pages, where it has no login of its own: `public` (the usual), `users` who have a login, or `admins`.',
          ),
        domain: z.string().optional().describe('Which of your domains it lives under, if not the main one.'),
        options: z.record(z.string(), z.unknown()).default({}).describe('Its own settings.'),
      }),
    )
    .describe('What runs, by name.'),
});

export type HavenConfig = z.infer<typeof havenSchema>;

const answers = {
  domain: domainName,
  email: havenSchema.shape.owner.shape.email,
  disk: havenSchema.shape.server.shape.diskGb,
} satisfies Record<string, z.ZodType>;

/** What is wrong with one answer, said at its question, before there is a whole file; true when nothing is. */
export function checkAnswer(question: keyof typeof answers, answer: unknown): true | string {
  const issue = answers[question].safeParse(answer).error?.issues[0];
  return issue ? `"${String(answer)}" ${issue.message}.` : true;
}

const maxBytes = 1024 * 1024;

/** Reads haven.yaml. Answers with the whole configuration or throws {@link ProblemsError} with all that is wrong. */
export function loadConfig(
  text: string,
  catalogue: Catalogue,
  dnsProviders: DnsProviderFacts[],
  file = 'haven.yaml',
): HavenConfig {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new ProblemsError([
      {
        where: file,
        what: `is ${Math.round(Buffer.byteLength(text) / 1024 ** 2)} MB long; a configuration has at most 1 MB.`,
        remedy: 'This must be another file.',
      },
    ]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): string => {
    if (offset === undefined) return file;
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new ProblemsError(
      document.errors.map((error) => syntaxProblem(at(error.pos[0]), error.message, text, error.pos[0])),
    );
  }
  if (document.contents === null) {
    throw new ProblemsError([{ where: file, what: 'is empty.', remedy: 'Type: haven init' }]);
  }
  const value = document.toJS() as unknown;
  const locate = (path: PropertyKey[]): string => at(offsetOf(document, path));

  const version = (value as { version?: unknown }).version;
  if (typeof version === 'number' && version > configVersion) {
    throw new ProblemsError([
      {
        where: locate(['version']),
        what: `version ${version} was written by a newer haven; this one knows ${configVersion}.`,
        remedy: 'Type: npm install --global openhaven@latest',
      },
    ]);
  }

  const secrets = secretsIn(value, dnsProviders).map(({ path, kind }) => ({
    where: locate(path),
    what: `${path.join('.')}: this looks like ${kind}. Secrets never stand in this file.`,
    remedy: 'Remove it, change it where it came from, and type: haven secret set NAME',
  }));
  const parsed = havenSchema.safeParse(value);
  const problems = [
    ...secrets,
    ...(parsed.success
      ? judge(parsed.data, catalogue, dnsProviders, locate)
      : parsed.error.issues.flatMap((issue) => issueProblems(issue, value, locate))),
  ];
  if (problems.length > 0 || !parsed.success) throw new ProblemsError(problems);
  return withDefaults(parsed.data, catalogue);
}

function syntaxProblem(where: string, message: string, text: string, offset: number): Problem {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n')[0] ?? '';
  if (/^\s*\t/.test(line))
    return {
      where,
      what: 'a tab. YAML is indented by spaces only.',
      remedy: 'Replace the tab by two spaces.',
    };
  return { where, what: `is no YAML: ${message}.`, remedy: 'Mend that line.' };
}

/** Where in the file a setting stands; of one that is missing, where its parent stands. */
function offsetOf(document: Document, path: PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const part = path.slice(0, length);
    const parent = part.length === 0 ? document.contents : document.getIn(part.slice(0, -1), true);
    if (part.length > 0 && isMap(parent)) {
      const pair = parent.items.find(
        (each) => isScalar(each.key) && String(each.key.value) === String(part.at(-1)),
      );
      if (pair && isNode(pair.key)) return (pair.key as Node).range?.[0];
    }
    const node = part.length === 0 ? document.contents : document.getIn(part, true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return undefined;
}

function issueProblems(
  issue: z.core.$ZodIssue,
  value: unknown,
  locate: (path: PropertyKey[]) => string,
): Problem[] {
  const name = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const full = [...issue.path, key].join('.');
      return {
        where: locate([...issue.path, key]),
        what: `${full}: there is no such setting.`,
        remedy: near ? `Did you mean "${near}"?` : `There are: ${known.join(', ')}.`,
      };
    });
  }
  const given = issue.path.reduce<unknown>(
    (each, key) => (each as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  if (given === undefined)
    return [{ where: locate(issue.path), what: `${name}: is missing.`, remedy: descriptionOf(issue.path) }];
  const shown = typeof given === 'string' || typeof given === 'number' ? `"${given}" ` : '';
  return [
    {
      where: locate(issue.path),
      what: `${name}: ${shown}${sentence(issue.message)}`,
      remedy: descriptionOf(issue.path),
    },
  ];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The schema at a path, through arrays, records and defaults. */
function schemaAt(path: PropertyKey[]): z.ZodType | undefined {
  let schema: z.ZodType | undefined = havenSchema;
  for (const key of path) {
    schema = unwrap(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[String(key)] as z.ZodType | undefined;
    else if (schema instanceof z.ZodArray) schema = schema.element as z.ZodType;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType as z.ZodType;
    else return undefined;
  }
  return schema;
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType;
  return inner;
}

function knownKeys(path: PropertyKey[]): string[] {
  const schema = unwrap(schemaAt(path));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

const descriptionOf = (path: PropertyKey[]): string => schemaAt(path)?.description ?? '';

/** What can be wrong with a file whose every setting is right by itself. */
function judge(
  config: HavenConfig,
  catalogue: Catalogue,
  dnsProviders: DnsProviderFacts[],
  locate: (path: PropertyKey[]) => string,
): Problem[] {
  const problems: Problem[] = [];
  const add = (path: PropertyKey[], what: string, remedy: string) =>
    problems.push({ where: locate(path), what: `${path.join('.')}: ${what}`, remedy });

  const type = hetznerTypes[config.server.type];
  if (!type)
    add(
      ['server', 'type'],
      `there is no server type "${config.server.type}".`,
      suggest(config.server.type, Object.keys(hetznerTypes)),
    );
  if (!(config.server.location in hetznerLocations)) {
    add(
      ['server', 'location'],
      `there is no location "${config.server.location}".`,
      suggest(config.server.location, Object.keys(hetznerLocations)),
    );
  }
  const names = config.domains.map((each) => each.name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index)
      add(['domains', index, 'name'], `"${name}" is there twice.`, 'Remove one.');
  }
  const providers = dnsProviders.map((each) => each.id);
  for (const [index, { dns }] of config.domains.entries()) {
    if (!providers.includes(dns))
      add(['domains', index, 'dns'], `there is no DNS provider "${dns}".`, suggest(dns, providers));
  }

  const hosts = new Map<string, string>();
  for (const [id, entry] of Object.entries(config.services)) {
    const service = catalogue.get(id)?.definition;
    if (!service) {
      add(
        ['services', id],
        'there is no such service.',
        suggest(
          id,
          [...catalogue.keys()].filter((each) => each !== 'reverse-proxy'),
        ),
      );
      continue;
    }
    const options = service.options.safeParse(entry.options);
    for (const issue of options.error?.issues ?? []) {
      if (issue.code === 'unrecognized_keys') {
        for (const key of issue.keys)
          add(
            ['services', id, 'options', key],
            'there is no such option.',
            suggest(key, Object.keys(service.options.shape)),
          );
      } else {
        add(
          ['services', id, 'options', ...issue.path],
          sentence(issue.message),
          (service.options.shape[String(issue.path[0])] as z.ZodType | undefined)?.description ?? '',
        );
      }
    }
    if (entry.domain !== undefined && !names.includes(entry.domain)) {
      add(
        ['services', id, 'domain'],
        `"${entry.domain}" is none of your domains.`,
        suggest(entry.domain, names),
      );
    }
    if (entry.access !== undefined && !service.publicBecause)
      add(
        ['services', id, 'access'],
        service.needs?.route ? `${id} has a login of its own.` : `${id} has no pages.`,
        'Take this line out.',
      );
    if (!service.needs?.route) continue;
    const host = hostOf(config, id, service.needs.route.subdomain);
    const other = hosts.get(host);
    if (other)
      add(
        ['services', id, 'subdomain'],
        `"${host}" is already taken by ${other}.`,
        `Choose another subdomain for ${id}.`,
      );
    hosts.set(host, id);
  }

  const wanted = memoryMb(config, catalogue);
  if (type && wanted > type.memoryGb * 1024) {
    const fitting = Object.entries(hetznerTypes).filter(
      ([, each]) => each.memoryGb * 1024 >= wanted && each.architecture === type.architecture,
    );
    const bigger = fitting.sort((a, b) => a[1].memoryGb - b[1].memoryGb)[0]?.[0];
    add(
      ['server', 'type'],
      `${config.server.type} has ${type.memoryGb * 1024} MB of memory, and what you chose takes up to ${wanted} MB.`,
      bigger ? `Choose ${bigger}, or fewer services.` : 'Choose fewer services.',
    );
  }
  return problems;
}

const suggest = (given: string, known: string[]): string => {
  const near = nearest(given, known);
  return near ? `Did you mean "${near}"?` : `There are: ${known.join(', ')}.`;
};

/** The name on the web of a service with a route. */
export function hostOf(config: HavenConfig, service: string, usual: string): string {
  const entry = config.services[service];
  return `${entry?.subdomain ?? usual}.${entry?.domain ?? config.domains[0]!.name}`;
}

/** Memory that everything chosen may take together, the system included, in MB. */
export function memoryMb(config: HavenConfig, catalogue: Catalogue): number {
  return chosenServices(config, catalogue).reduce(
    (sum, id) => sum + (catalogue.get(id)?.definition.memoryMb ?? 0),
    systemMemoryMb,
  );
}

function withDefaults(config: HavenConfig, catalogue: Catalogue): HavenConfig {
  const services = Object.fromEntries(
    Object.entries(config.services).map(([id, entry]) => [
      id,
      {
        ...entry,
        options: catalogue.get(id)!.definition.options.parse(entry.options) as Record<string, unknown>,
      },
    ]),
  );
  return { ...config, services };
}

/** Strings that look like a secret: what nobody types here on purpose. */
function secretsIn(
  value: unknown,
  dnsProviders: DnsProviderFacts[],
  path: PropertyKey[] = [],
): { path: PropertyKey[]; kind: string }[] {
  if (typeof value === 'string') {
    const kind = secretKind(value, dnsProviders);
    return kind ? [{ path, kind }] : [];
  }
  if (Array.isArray(value))
    return value.flatMap((each, index) => secretsIn(each, dnsProviders, [...path, index]));
  if (value && typeof value === 'object')
    return Object.entries(value).flatMap(([key, each]) => secretsIn(each, dnsProviders, [...path, key]));
  return [];
}

function secretKind(text: string, dnsProviders: DnsProviderFacts[]): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'a private key';
  if (/AGE-SECRET-KEY-1/.test(text)) return 'an age key';
  if (/^[A-Za-z0-9]{64}$/.test(text)) return 'a Hetzner API token';
  return dnsProviders.find((each) => each.token?.looksLike(text))?.token?.name;
}
