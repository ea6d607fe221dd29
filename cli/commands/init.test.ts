import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { type Answers, fails, interrupt, openCloud, succeeds, type } from '../../test/support/typist.ts';

/** An empty directory of an owner, beside whom the emulated APIs listen. */
async function empty(): Promise<{
  directory: string;
  yaml: () => string;
  cloud: Awaited<ReturnType<typeof openCloud>>;
}> {
  const cloud = await openCloud();
  const directory = join(scratch('init'), 'cloud');
  return { directory, cloud, yaml: () => readFileSync(join(directory, 'haven.yaml'), 'utf8') };
}
const about = [
  '--domain',
  'example.org',
  '--dns',
  'cloudflare',
  '--owner-name',
  'Ada',
  '--owner-email',
  'ada@example.com',
];

const answers: Answers = [
  [/Your domain/, 'https://Example.org/'],
  [/Where is its DNS/, 'cloudflare'],
  [/Your name/, ' Null '],
  [/Your email address/, 'ada@example.com'],
  [/Which services/, ['website']],
  [/Where should the server be/, 'nbg1'],
  [/How large/, 'cx33'],
  [/Size of the volume/, '100 GB'],
];

test('writes a cloud from flags; services may be a list with commas', async () => {
  const { directory, yaml } = await empty();
  const typed = [
    ...about,
    '--directory',
    directory,
    '--service',
    'website,gitea',
    '--id',
    'club-1',
    '--time-zone',
    'Europe/Rome',
    '--type',
    'cx33',
  ];
  const { json } = await succeeds('init', typed, { once: true });
  assert.deepEqual(json, { directory, id: 'club-1', missingSecrets: [], otherServers: [] });
  assert.match(yaml(), /^id: club-1$[\s\S]*timeZone: Europe\/Rome[\s\S]*website: \{\}\n +gitea: \{\}/m);
});

test('a domain below an existing zone is put into that zone', async () => {
  const { directory, yaml } = await empty();
  const below = about.map((each) => (each === 'example.org' ? 'cloud.example.org' : each));
  const { code, stdout } = await type(['init', ...below, '--directory', directory]);
  assert.equal(code, 0, stdout);
  assert.match(yaml(), /- name: cloud\.example\.org\n {4}dns: cloudflare\n {4}zone: example\.org\n/);
  assert.match(stdout, /cloud\.example\.org is in your zone example\.org\./);
});

test('asks what no flag says, and takes answers as people type them', async () => {
  const { directory, yaml } = await empty();
  const { code, stdout } = await type(['init', '--directory', directory], { answers });
  assert.equal(code, 0, stdout);
  assert.match(yaml(), /name: example\.org[\s\S]*name: "Null"\n[\s\S]*diskGb: 100/);
  assert.match(stdout, /The key to secrets\.age is in .*\n.*Next: cd .* && haven plan/);
  assert.ok(stdout.includes(`Next: cd ${directory} && haven plan`), stdout);
  assert.ok(!existsSync(join(directory, '.haven', 'init-answers.json')), 'the draft is gone');
});

test('an interruption keeps the answers, and the next start goes on with them', async () => {
  const { directory, yaml } = await empty();
  const typed = ['init', '--directory', directory];
  const until = answers.filter(([question]) => !question.test('How large'));
  const stopped = await type(typed, { answers: [...until, [/How large/, interrupt]] });
  assert.match(stopped.stderr, /Your answers are kept\. To continue, run: haven init/);
  assert.equal(stopped.code, 130);
  assert.ok(!existsSync(join(directory, 'haven.yaml')));
  const left: Answers = answers.filter(
    ([question]) => question.test('How large?') || question.test('Size of the volume'),
  );
  assert.equal((await type(typed, { answers: left })).code, 0);
  assert.match(yaml(), /type: cx33/);
});

test('refuses an answer at its question', async () => {
  const { directory } = await empty();
  for (const [question, wrong, said] of [
    [/Your domain/, 'co.uk', /is a public suffix/],
    [/Your name/, '  ', /A name is required/],
    [
      /Your email address/,
      'ada@mail.example.org',
      /is on example\.org: you could not read it while the cloud is down/,
    ],
    [/Size of the volume/, 'large', /"large" is not a size \(for example: 20 GB\)/],
    [/Size of the volume/, '5', /"5" .*10/],
  ] as const) {
    const others = answers.filter((each) => String(each[0]) !== String(question));
    const folder = join(directory, `${wrong.trim() || 'blank'}`);
    const { stderr } = await type(['init', '--directory', folder], {
      answers: [[question, wrong], ...others],
    });
    assert.match(stderr, /refused at its question/);
    assert.match(stderr, said);
  }
});

test('tries pasted tokens, with a line end or not, and saves them', async () => {
  const { directory, cloud } = await empty();
  delete process.env.HCLOUD_TOKEN;
  const typed = ['init', '--directory', directory, ...about, '--type', 'cx33'];
  const { code, stderr } = await type(typed, {
    answers: [...answers, [/Hetzner API token/, ` ${cloud.hetzner.token}\n`]],
  });
  assert.equal(code, 0, stderr);
  process.env.HAVEN_DIRECTORY = directory;
  const { json } = await succeeds<string[]>('secret list');
  assert.ok(json.includes('hcloud-token'));
});

test('without a terminal says which tokens are still missing', async () => {
  const { directory } = await empty();
  delete process.env.HCLOUD_TOKEN;
  delete process.env.CLOUDFLARE_API_TOKEN;
  const typed = await type(['init', '--directory', directory, ...about]);
  assert.match(
    typed.stdout,
    /Still missing: hcloud-token, cloudflare-token\.\n.*haven secret set hcloud-token/,
  );
});

test('says all that is wrong with the flags, by their names', async () => {
  const { directory } = await empty();
  const here = ['--directory', directory];
  await fails(
    ['init', ...here],
    'usage',
    /--domain is missing[\s\S]*--dns is missing[\s\S]*--owner-name[\s\S]*--owner-email/,
  );
  await fails(
    ['init', ...here, ...about, '--type', 'cx22', '--service', 'websit'],
    'usage',
    /--type: .*Did you mean "cx23"[\s\S]*--service: .*Did you mean "website"/,
  );
  await fails(
    ['init', ...here, ...about.slice(0, -1), 'ada@example.org'],
    'usage',
    /--owner-email: .* is on example\.org/,
  );
  await fails(['init', ...here, ...about, '--disk', 'abc'], 'usage', /--disk: Expected an integer/);
  process.env.HCLOUD_TOKEN = 'short';
  await fails(
    ['init', ...here, ...about],
    'failed',
    /HCLOUD_TOKEN: A Hetzner API token has 64 characters; this has 5/,
  );
});

test('takes the answers of a file; a flag wins over it', async () => {
  const { directory, cloud, yaml } = await empty();
  const file = cloud.write(
    'answers.yaml',
    'domain: Example.org\ndns: cloudflare\nowner-name: Ada\nowner-email: ada@example.com\nservice: gitea\ntype: cx23\ndisk: 40\n',
  );
  const typed = ['init', '--directory', directory, '--answers', file, '--type', 'cx33'];
  const { code, stderr } = await type(typed);
  assert.equal(code, 0, stderr);
  assert.match(yaml(), /name: example\.org[\s\S]*type: cx33[\s\S]*diskGb: 40[\s\S]*gitea: \{\}/);
});

test('says all that is wrong with a file of answers', async () => {
  const { directory, cloud } = await empty();
  const failsWith = (text: string, said: RegExp) =>
    fails(['init', '--directory', directory, '--answers', cloud.write('answers.yaml', text)], 'usage', said);
  await failsWith('domian: example.org\ndisk: much\n', /disk: must be a number\.[\s\S]*domian: .*"domain"/);
  await failsWith('- domain\n', /answers\.yaml: must be a group of settings/);
  await failsWith('a: [', /answers\.yaml: is not valid YAML/);
  await fails(['init', '--answers', '/nonexistent', '--directory', directory], 'usage', /can't be read/);
  assert.ok(!existsSync(directory), 'nothing is written');
});

const changes: [choice: string, answers: Answers, written: RegExp][] = [
  ['services', [[/Which services/, ['gitea']]], /# kept\n[\s\S]*services:\n {2}gitea: \{\}\n$/],
  ['type', [[/How large/, 'cx43']], /type: cx43 # large/],
  ['disk', [[/Size of the volume/, '50 GB']], /diskGb: 50\n/],
  ['domain', [[/Your domain/, 'Example.NET']], /name: example\.net\n/],
  [
    'owner',
    [
      [/Your name/, 'Grace'],
      [/Your email address/, 'grace@example.com'],
    ],
    /name: Grace\n {2}email: grace@example\.com/,
  ],
];
for (const [choice, given, written] of changes)
  test(`where a cloud is, changes one answer and keeps the rest: ${choice}`, async () => {
    const { directory, read, write } = await openCloud();
    write('haven.yaml', read().replace('version: 1', '# kept\nversion: 1').replace('cx33', 'cx33 # large'));
    const { code, stdout, stderr } = await type(['init', '--directory', directory], {
      answers: [[/You have a cloud here, example\.org\. What do you want to change/, choice], ...given],
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Written: .*haven\.yaml\n {2}To see what would change, run: cd .* && haven plan/);
    assert.match(read(), written);
    assert.match(read(), /# kept/);
  });

test('where a cloud is, changes nothing that would be refused, or if nothing is chosen', async () => {
  const { directory, read } = await openCloud({ services: ['gitea', 'miniflux', 'vaultwarden', 'website'] });
  const before = read();
  const change = (choice: string, given: Answers = []) =>
    type(['init', '--directory', directory], { answers: [[/What do you want to change/, choice], ...given] });
  assert.match((await change('nothing')).stdout, /Nothing was changed/);
  assert.match(
    (await change('disk', [[/Size of the volume/, '5']])).stderr,
    /can't shrink, and it has 10 GB/,
  );
  assert.match((await change('type', [[/How large/, 'cx23']])).stderr, /cx23 has 4096 MB of memory/);
  assert.equal(read(), before);
});

test('where a cloud is, saves another token', async () => {
  const { directory, hetzner } = await openCloud();
  const { code, stdout, stderr } = await type(['init', '--directory', directory], {
    answers: [
      [/What do you want to change/, 'tokens'],
      [/Which token/, 'hcloud-token'],
      [/^hcloud-token:/, hetzner.token],
    ],
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /hcloud-token is saved in secrets\.age/);
});

test('never writes over a cloud, and only where it can write', async () => {
  const { directory, cloud } = await empty();
  await fails(
    ['init', ...about, '--directory', cloud.directory],
    'failed',
    /haven\.yaml: already exists: you have a cloud here\. Nothing was changed/,
  );
  mkdirSync(directory);
  writeFileSync(join(directory, 'file'), '');
  await fails(
    ['init', ...about, '--directory', join(directory, 'file')],
    'usage',
    /is a file, not a directory/,
  );
  await fails(
    ['init', ...about, '--directory', '/proc/haven/cloud'],
    'usage',
    /\/proc\/haven: can't be created/,
  );
});
