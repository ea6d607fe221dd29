import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadCatalogue } from '../../services/catalogue.ts';
import { ProblemsError, renderProblem } from '../problem.ts';
import { checkAnswer } from './config-schema.ts';
import { loadConfig } from './load-config.ts';
import { renderConfig } from './render-config.ts';

const catalogue = await loadCatalogue();
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

/** The problems of a text, as they are shown. */
function problems(text: string): string[] {
  try {
    loadConfig(text, catalogue);
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(renderProblem);
    throw error;
  }
  return [];
}

test('a good file is read, with defaults filled in', () => {
  const config = loadConfig(good, catalogue);
  assert.equal(config.server.provider, 'hetzner');
  assert.deepEqual(config.services.website?.options, { title: 'It works', text: 'This is my own cloud.' });
});

test('an account that sends: its port is 587 unless it says so, and what is wrong with it is said', () => {
  const account =
    'sending:\n  host: smtp.example.org\n  user: cloud@example.org\n  from: cloud@example.org\n';
  assert.equal(loadConfig(good + account, catalogue).sending?.port, 587);
  const bad = account.replace('smtp.example.org', 'smtp').replace('from: cloud@', 'port: 25\n  from: cloud');
  const said = problems(good + bad).join('\n');
  assert.match(said, /sending\.host: "smtp" is no host name/);
  assert.match(said, /sending\.port: "25" is for mail servers among each other/);
  assert.match(said, /sending\.from: "cloudexample\.org" is no e-mail address/);
  assert.match(
    problems(`${good}${account}  password: secret\n`).join('\n'),
    /sending\.password: there is no such setting/,
  );
});

test('the example in the repository is a good file', () => {
  assert.deepEqual(problems(readFileSync(new URL('../../haven.example.yaml', import.meta.url), 'utf8')), []);
});

test('what init writes is a good file, whatever the owner is called', () => {
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
    assert.equal(loadConfig(renderConfig(answers), catalogue).owner.name, name);
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
  [
    'no name as domain',
    good.replace('example.org', 'not a domain'),
    [/is no domain name such as "example\.org"/],
  ],
  [
    'a domain twice',
    good.replace('    dns: cloudflare', '    dns: cloudflare\n  - { name: example.org, dns: manual }'),
    [/is there twice/],
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
    [/haven\.yaml:7:\d+: a tab\. YAML is indented by spaces only/],
  ],
  ['an empty file', '', [/haven\.yaml: is empty\. Type: haven init/]],
  ['only a comment', '# nothing\n', [/is empty/]],
  ['ten megabytes', 'x'.repeat(10 * 1024 * 1024), [/is 10 MB long/]],
  [
    'a newer version',
    good.replace('version: 1', 'version: 7'),
    [/haven\.yaml:1:1: version 7 was written by a newer haven/],
  ],
  ['no YAML', good.replace('domains:', 'domains: ]['), [/is no YAML/]],
  ['a time zone that does not exist', good.replace('Europe/Berlin', 'Europe/Berlyn'), [/is no time zone/]],
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
  test(`${what} is said, with its place and what to do`, () => {
    const said = problems(text);
    for (const pattern of expected)
      assert.ok(
        said.some((each) => pattern.test(each)),
        `${pattern}\nbut said:\n${said.join('\n')}`,
      );
  });
}

test('all problems are said at once', () => {
  const said = problems(
    good.replace('fsn1', 'mars').replace('cx23', 'huge').replace('website: {}', 'nonsense: {}'),
  );
  assert.equal(said.length, 3, said.join('\n'));
});

test('two services on one host name', async () => {
  const two = await loadCatalogue([
    new URL('../../services', import.meta.url).pathname,
    new URL('../../test/services', import.meta.url).pathname,
  ]);
  assert.throws(
    () => loadConfig(good.replace('website: {}', 'website: {}\n  ledger: { subdomain: www }'), two),
    /"www\.example\.org" is already taken by website\. Choose another subdomain for ledger/,
  );
});

test('a server too small for what was chosen', async () => {
  const greedy = new Map(catalogue);
  const website = greedy.get('website')!;
  greedy.set('website', { ...website, definition: { ...website.definition, memoryMb: 5000 } });
  assert.throws(
    () => loadConfig(good, greedy),
    /haven\.yaml:11:3: server\.type: cx23 has 4096 MB of memory, and what you chose takes up to 5956 MB\. Choose cx33/,
  );
});

test('one answer is checked at its question, by the rule of the whole file', () => {
  assert.equal(checkAnswer('domain', 'example.org'), true);
  assert.match(String(checkAnswer('domain', 'hello')), /"hello" is no domain name such as "example\.org"\./);
  assert.match(String(checkAnswer('domain', 'co.uk')), /is a public suffix/);
  assert.equal(checkAnswer('email', 'ada@example.org'), true);
  assert.match(String(checkAnswer('email', 'ada')), /is no e-mail address/);
  assert.match(String(checkAnswer('disk', Number('much'))), /"NaN"/);
  assert.match(String(checkAnswer('disk', 5)), /^"5" /);
});
