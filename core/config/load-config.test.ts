import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { exampleImages } from '../../test/support/example-plan.ts';
import { buildPlan } from '../plan/plan.ts';
import { ProblemsError, renderProblem } from '../problem.ts';
import { checkAnswer } from './config-schema.ts';
import { isImplied } from './dependencies.ts';
import { loadConfig } from './load-config.ts';
import { renderConfig } from './render-config.ts';

const catalogue = await loadCatalogue();
const addable = [...catalogue.values()]
  .map(({ definition }) => definition)
  .filter((definition) => !isImplied(definition))
  .map(({ id }) => id);
const good = `version: 1
id: club-1234
domains:
  - name: example.org
    dns: cloudflare
owner:
  name: Ada
  email: ada@example.com
timeZone: Europe/Berlin
server:
  type: cx23
  location: fsn1
  diskGb: 20
services:
  website: {}
`;

/** The problems of a text, as they are shown to the owner. */
function problems(text: string): string[] {
  try {
    loadConfig(text, catalogue, dnsProviderFacts);
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(renderProblem);
    throw error;
  }
  return [];
}

test('reads a valid file and fills in defaults', () => {
  const config = loadConfig(good, catalogue, dnsProviderFacts);
  assert.equal(config.server.provider, 'hetzner');
  assert.deepEqual(config.services.website?.options, { title: 'It works', text: 'This is my own cloud.' });
});

test('a domain below an existing zone has its records in that zone', () => {
  const text = good.replace('example.org', 'cloud.example.org\n    zone: example.org');
  const config = loadConfig(text, catalogue, dnsProviderFacts);
  const { zones, records, haven } = buildPlan(config, catalogue, { version: 2, images: exampleImages });
  assert.equal(haven.domain, 'cloud.example.org');
  assert.deepEqual(zones, [{ name: 'example.org', dns: 'cloudflare' }]);
  assert.ok(records.some(({ name }) => name === 'www.cloud.example.org'));
  assert.ok(records.every(({ zone }) => zone === 'example.org'));
});

test('reads names in capitals as the same names', () => {
  const text = good
    .replace('example.org', 'Example.ORG')
    .replace('website: {}', 'website: { subdomain: Club, domain: EXAMPLE.org }');
  const { domains, services } = loadConfig(text, catalogue, dnsProviderFacts);
  assert.equal(domains[0]!.name, 'example.org');
  assert.deepEqual([services.website?.subdomain, services.website?.domain], ['club', 'example.org']);
});

test('checks the account for sending, and defaults its port to 587', () => {
  const account =
    'sending:\n  host: smtp.example.org\n  user: cloud@example.org\n  from: cloud@example.org\n';
  assert.equal(loadConfig(good + account, catalogue, dnsProviderFacts).sending?.port, 587);
  const bad = account.replace('smtp.example.org', 'smtp').replace('from: cloud@', 'port: 25\n  from: cloud');
  const said = problems(good + bad).join('\n');
  assert.match(said, /sending\.host: "smtp" is not a host name/);
  assert.match(said, /sending\.port: "25" is for traffic between mail servers/);
  assert.match(said, /sending\.from: "cloudexample\.org" is not an email address/);
  assert.match(
    problems(`${good}${account}  password: secret\n`).join('\n'),
    /sending\.password: there is no such setting/,
  );
});

test('checks the ways of alarms, and keeps topics and addresses out of the file', () => {
  const said = (text: string) => problems(`${good}alarms:\n  ${text}\n`).join('\n');
  assert.equal(said('ntfy: https://ntfy.sh\n  webhook: true'), '');
  assert.equal(said('ntfy: http://192.168.1.5:8080'), '');
  assert.match(said('ntfy: http://ntfy.example.org'), /alarms\.ntfy: .* must begin with https/);
  assert.match(
    said('ntfy: https://ntfy.sh/my-topic'),
    /must not contain the topic.*haven secret set alarm-ntfy-topic/,
  );
  assert.match(said('webhook: https://hooks.example.com/x'), /haven secret set alarm-webhook/);
  assert.match(said('email: true'), /alarms\.email: requires an account that sends email\. Add "sending"/);
});

test('the example in the repository is valid', () => {
  assert.deepEqual(problems(readFileSync(new URL('../../haven.example.yaml', import.meta.url), 'utf8')), []);
});

test("writes a valid haven.yaml for any owner's name", () => {
  for (const name of ['Ada', "O'Hara: the 2nd", '"quoted" #1', 'yes', '123']) {
    const answers = {
      id: 'club-1234',
      domain: 'example.org',
      dns: 'cloudflare' as const,
      owner: { name, email: 'a@example.com' },
      timeZone: 'UTC',
      type: 'cx23',
      location: 'fsn1',
      diskGb: 20,
      services: ['website'],
    };
    assert.equal(
      loadConfig(renderConfig(answers, dnsProviderFacts), catalogue, dnsProviderFacts).owner.name,
      name,
    );
  }
});

const cases: [string, string, RegExp[]][] = [
  [
    'an unknown key, with the nearest known one',
    good.replace('timeZone:', 'timezone:'),
    [/haven\.yaml:9:1: timezone: there is no such setting\. Did you mean "timeZone"\?/],
  ],
  [
    'an unknown key deep inside',
    good.replace('  diskGb: 20', '  diskGB: 20'),
    [/haven\.yaml:13:3: server\.diskGB: .*Did you mean "diskGb"\?/],
  ],
  [
    'a wrong type',
    good.replace('diskGb: 20', 'diskGb: plenty'),
    [/haven\.yaml:13:3: server\.diskGb: "plenty"/],
  ],
  [
    'text in place of the whole file',
    'hello\n',
    [/haven\.yaml:1:1: must be a group of settings, .* Check that this is the right file\./],
  ],
  [
    'a service without a value',
    good.replace('website: {}', 'website:'),
    [
      /haven\.yaml:15:3: services\.website: has no value\. For a service with default settings, write: website: \{\}/,
    ],
  ],
  [
    'a number in quotes',
    good.replace('diskGb: 20', 'diskGb: "20"'),
    [/server\.diskGb: "20" must be a number, without quotes\./],
  ],
  [
    'an option of the wrong type',
    good.replace('website: {}', 'website: { options: { title: 42 } }'),
    [/title: "42" must be text\./],
  ],
  [
    'an undefined alias',
    good.replace('Ada', '*nobody'),
    [/haven\.yaml:7:9: "\*nobody" refers to an anchor that is not defined/],
  ],
  ['a second document', `${good}---\na: 1\n`, [/haven\.yaml:16:1: a second document starts here/]],
  ['a missing setting', good.replace(/owner:\n.*\n.*\n/, ''), [/owner: is missing/]],
  [
    'an unknown service',
    good.replace('website:', 'webstie:'),
    [/haven\.yaml:15:3: services\.webstie: there is no such service\. Did you mean "website"\?/],
  ],
  [
    'an unknown option',
    good.replace('website: {}', 'website: { options: { titel: x } }'),
    [/titel: there is no such option\. Did you mean "title"\?/],
  ],
  [
    'a public suffix as domain',
    good.replace('example.org', 'co.uk'),
    [/haven\.yaml:4:5: domains\.0\.name: "co\.uk" is a public suffix/],
  ],
  ['an invalid domain', good.replace('example.org', 'not a domain'), [/is not a domain name/]],
  [
    'a domain twice',
    good.replace('    dns: cloudflare', '    dns: cloudflare\n  - { name: example.org, dns: manual }'),
    [/is listed twice/],
  ],
  [
    'a zone that the domain is not in',
    good.replace('dns: cloudflare', 'dns: cloudflare\n    zone: ample.org'),
    [
      /haven\.yaml:6:5: domains\.0\.zone: example\.org is not in the zone ample\.org\. Name a domain above it/,
    ],
  ],
  [
    'one zone at two DNS providers',
    good.replace(
      'dns: cloudflare',
      'dns: cloudflare\n  - { name: cloud.example.org, dns: manual, zone: example.org }',
    ),
    [
      /domains\.1\.dns: the zone example\.org is at "cloudflare" for example\.org, and can't be at "manual" too/,
    ],
  ],
  [
    'a name that the server itself has',
    good.replace('website: {}', 'website: { subdomain: haven }'),
    [
      /haven\.yaml:15:14: services\.website\.subdomain: "haven\.example\.org" is already taken by the server itself/,
    ],
  ],
  [
    'a name of a service that comes with another',
    good.replace('website: {}', 'website: { access: users, subdomain: login }'),
    [
      /services\.website\.subdomain: "login\.example\.org" is already taken by .* \(keycloak\), which this cloud needs/,
    ],
  ],
  [
    'a DNS provider that does not exist',
    good.replace('dns: cloudflare', 'dns: cloudfare'),
    [/haven\.yaml:5:5: domains\.0\.dns: there is no DNS provider "cloudfare"\. Did you mean "cloudflare"\?/],
  ],
  [
    'a Cloudflare token',
    good.replace('name: Ada', `name: ${'aB3-'.repeat(10)}`),
    [/haven\.yaml:7:3: owner\.name: this looks like a Cloudflare API token/],
  ],
  [
    'a location that does not exist',
    good.replace('fsn1', 'fns1'),
    [/haven\.yaml:12:3: server\.location: there is no location "fns1"\. Did you mean "fsn1"\?/],
  ],
  [
    'a server type that does not exist',
    good.replace('cx23', 'cx22'),
    [/haven\.yaml:11:3: server\.type: there is no server type "cx22"\. Did you mean "cx23"\?/],
  ],
  [
    'a tab',
    good.replace('  name: Ada', '\tname: Ada'),
    [/haven\.yaml:7:\d+: there is a tab here, but YAML is indented with spaces/],
  ],
  ['an empty file', '', [/haven\.yaml: is empty\. Run: haven init/]],
  ['only a comment', '# nothing\n', [/is empty/]],
  ['ten megabytes', 'x'.repeat(10 * 1024 * 1024), [/is 10 MB; haven\.yaml may be at most 1 MB/]],
  [
    'a newer version',
    good.replace('version: 1', 'version: 7'),
    [
      /haven\.yaml:1:1: was written by a newer version of haven: it has format 7, and this version reads format 1\. Update haven: .*git pull/,
    ],
  ],
  [
    'every other problem of a newer file',
    good.replace('version: 1', 'version: 7').replace('fsn1', 'mars').replace('cx23', 'cx24'),
    [/newer version of haven/, /there is no location "mars"/, /there is no server type "cx24"/],
  ],
  [
    "a server type that Hetzner has and haven.yaml doesn't accept",
    good.replace('cx23', 'ccx13'),
    [/haven\.yaml:11:3: server\.type: "ccx13" is not supported yet\. Choose one of: cx23, /],
  ],
  [
    'an unknown service that sounds like one that nobody adds',
    good.replace('website:', 'portl:'),
    [/services\.portl: there is no such service\. Did you mean "portal"\?/],
  ],
  [
    'an unknown service that sounds like none, with those that can be added',
    good.replace('website:', 'nonsense:'),
    [new RegExp(`services\\.nonsense: there is no such service\\. There are: ${addable.join(', ')}\\.`)],
  ],
  ['invalid YAML', good.replace('domains:', 'domains: ]['), [/is not valid YAML/]],
  ['a time zone that does not exist', good.replace('Europe/Berlin', 'Europe/Berlyn'), [/is not a time zone/]],
  [
    'a Hetzner token',
    good.replace('name: Ada', `name: ${'aB3'.repeat(21)}x`),
    [/haven\.yaml:7:3: owner\.name: this looks like a Hetzner API token/],
  ],
  [
    'a private key',
    good.replace('name: Ada', 'name: "-----BEGIN OPENSSH PRIVATE KEY-----"'),
    [/looks like a private key/],
  ],
];

for (const [what, text, expected] of cases) {
  test(`${what} is reported with its position and a fix`, () => {
    const said = problems(text);
    for (const pattern of expected)
      assert.ok(
        said.some((each) => pattern.test(each)),
        `${pattern}\nbut got:\n${said.join('\n')}`,
      );
  });
}

test('reports all problems at once', () => {
  const said = problems(
    good.replace('fsn1', 'mars').replace('cx23', 'huge').replace('website: {}', 'nonsense: {}'),
  );
  assert.equal(said.length, 3, said.join('\n'));
});

test('refuses two services with the same address', async () => {
  const two = await loadCatalogue([
    new URL('../../services', import.meta.url).pathname,
    new URL('../../test/services', import.meta.url).pathname,
  ]);
  assert.throws(
    () =>
      loadConfig(
        good.replace('website: {}', 'website: {}\n  ledger: { subdomain: www }'),
        two,
        dnsProviderFacts,
      ),
    /"www\.example\.org" is already taken by website\. Choose another subdomain for ledger/,
  );
});

test('refuses a server with too little memory for its services', async () => {
  const greedy = new Map(catalogue);
  const website = greedy.get('website')!;
  greedy.set('website', { ...website, definition: { ...website.definition, memoryMb: 5000 } });
  assert.throws(
    () => loadConfig(good, greedy, dnsProviderFacts),
    /haven\.yaml:11:3: server\.type: cx23 has 4096 MB of memory, and the chosen services take up to 5956 MB\. Choose cx33/,
  );
});

test('checks a single answer by the same rule as the whole file', () => {
  assert.equal(checkAnswer('domain', 'example.org'), true);
  assert.match(
    String(checkAnswer('domain', 'hello')),
    /"hello" is not a domain name \(for example: example\.org\)\./,
  );
  assert.match(String(checkAnswer('domain', 'co.uk')), /is a public suffix/);
  assert.equal(checkAnswer('email', 'ada@example.org'), true);
  assert.match(String(checkAnswer('email', 'ada')), /is not an email address/);
  assert.match(String(checkAnswer('disk', Number('much'))), /"NaN" must be a number\./);
  assert.match(String(checkAnswer('disk', 5)), /^"5" must be at least 10\.$/);
});
