import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { ProblemsError, renderProblem } from '../problem.ts';
import { generateSshKey } from '../ssh-key.ts';
import { loadConfig } from './load-config.ts';

const catalogue = await loadCatalogue();
const rest = `version: 1
id: club-1234
domains: [{ name: example.org, dns: cloudflare }]
owner: { name: Ada, email: ada@example.com }
server: { type: cx23, location: fsn1, diskGb: 20 }
services: { website: {} }
backups:`;
const load = (backups: string) => loadConfig(`${rest} ${backups}\n`, catalogue, dnsProviderFacts);

/** The problems of these backups, as they are shown to the owner, without their place in the file. */
function problems(backups: string): string[] {
  try {
    load(backups);
  } catch (error) {
    if (error instanceof ProblemsError)
      return error.problems.map((each) => renderProblem(each).replace(/^haven\.yaml:\d+:\d+: /, ''));
    throw error;
  }
  return [];
}

const hostKey = generateSshKey('').public.trim();
const s3 = (change: Record<string, string> = {}): string =>
  `{ s3: ${JSON.stringify({ endpoint: 'https://s3.example.com', bucket: 'ada', ...change })} }`;
const sftp = (change: Record<string, string | number> = {}): string =>
  `{ sftp: ${JSON.stringify({ host: 'u1.your-storagebox.de', user: 'u1', hostKey, ...change })} }`;

test('a place is enough: time and what is kept have defaults', () => {
  assert.deepEqual(load(s3()).backups, {
    s3: { endpoint: 'https://s3.example.com', bucket: 'ada' },
    time: '03:30',
    keep: { days: 7, weeks: 5, months: 12 },
  });
  assert.equal(load(sftp()).backups?.sftp?.port, 22);
  assert.deepEqual(
    load('{ s3: { endpoint: "https://s3.example.com", bucket: ada }, keep: { days: 30 } }').backups?.keep,
    {
      days: 30,
      weeks: 5,
      months: 12,
    },
  );
});

test('takes every good place', () => {
  for (const good of [
    s3({ endpoint: 'https://s3.example.com/', region: 'eu-central-1', folder: 'clouds/ada' }),
    s3({ endpoint: 'https://198.51.100.7:7070' }),
    s3({ bucket: 'a.b-c.1' }),
    sftp({ host: '198.51.100.7', port: 23, folder: '/srv/backups/ada' }),
    sftp({ host: '2001:db8::7', hostKey: `${hostKey} root@box` }),
  ])
    assert.deepEqual(problems(good), [], good);
});

const refused: [string, string, RegExp][] = [
  ['no place', '{}', /^backups: does not say where to\. Add "s3" or "sftp" \(docs\/owners\/backups\.md\)\./],
  [
    'two places',
    `{ s3: { endpoint: "https://s3.example.com", bucket: ada }, sftp: { host: u1.example.com, user: u1, hostKey: ${hostKey} } }`,
    /^backups: has both "s3" and "sftp"\. Keep the one to back up to\./,
  ],
  [
    'http',
    s3({ endpoint: 'http://s3.example.com' }),
    /^backups\.s3\.endpoint: "http:\/\/s3\.example\.com" is not an address that begins with https:\/\//,
  ],
  [
    'a host alone',
    s3({ endpoint: 's3.example.com' }),
    /^backups\.s3\.endpoint: .* is not an address that begins with https/,
  ],
  [
    'a path',
    s3({ endpoint: 'https://s3.example.com/ada' }),
    /^backups\.s3\.endpoint: .* must end after the host: https:\/\/s3\.example\.com\. The bucket and the folder are settings of their own\./,
  ],
  ['a query', s3({ endpoint: 'https://s3.example.com/?a=b' }), /must end after the host/],
  [
    'a key in the address',
    s3({ endpoint: 'https://me:pw@s3.example.com' }),
    /must not contain a key or a password\. Set them with: haven secret set backup-s3-key, and backup-s3-secret\./,
  ],
  [
    'the bucket in the address',
    s3({ endpoint: 'https://ada.s3.example.com' }),
    /^backups\.s3\.endpoint: .* must not contain the bucket\. Write: https:\/\/s3\.example\.com/,
  ],
  ['a short bucket', s3({ bucket: 'ad' }), /^backups\.s3\.bucket: "ad" must have 3 to 63 characters\./],
  [
    'a bucket in capitals',
    s3({ bucket: 'Ada' }),
    /"Ada" may only contain lower-case letters, digits, hyphens and dots\./,
  ],
  [
    'a bucket that ends with a hyphen',
    s3({ bucket: 'ada-' }),
    /"ada-" must begin and end with a letter or a digit\./,
  ],
  ['a bucket with two dots', s3({ bucket: 'a..da' }), /"a\.\.da" must not contain two dots in a row\./],
  ['a bucket like an address', s3({ bucket: '192.168.1.5' }), /must not look like an IP address\./],
  [
    'a region with blanks',
    s3({ region: 'eu central' }),
    /^backups\.s3\.region: "eu central" may only have the characters a-z, A-Z, 0-9 and -\./,
  ],
  [
    'a folder at the root',
    s3({ folder: '/ada' }),
    /^backups\.s3\.folder: "\/ada" must not begin with a slash\./,
  ],
  ['a folder with a slash at its end', s3({ folder: 'ada/' }), /must not end with a slash\./],
  ['a folder above', s3({ folder: 'a/../b' }), /must not contain "\." or "\.\." as a folder\./],
  ['two slashes', s3({ folder: 'a//b' }), /must not contain two slashes in a row\./],
  [
    'an empty folder',
    s3({ folder: '' }),
    /^backups\.s3\.folder: "" may only have the characters a-z, A-Z, 0-9, _, \., - and \/\./,
  ],
  [
    'a folder with blanks',
    sftp({ folder: 'my backups' }),
    /^backups\.sftp\.folder: "my backups" may only have the characters a-z/,
  ],
  ['a folder like an option', sftp({ folder: '-oProxyCommand' }), /must not begin with a hyphen\./],
  [
    'a host with a user',
    sftp({ host: 'u1@u1.your-storagebox.de' }),
    /^backups\.sftp\.host: "u1@u1\.your-storagebox\.de" is not a host name \(for example: u1\.your-storagebox\.de\)\./,
  ],
  [
    'a user like an option',
    sftp({ user: '-oProxyCommand=x' }),
    /^backups\.sftp\.user: .* is not a user name\. It may only have the characters/,
  ],
  ['a port', sftp({ port: 70_000 }), /^backups\.sftp\.port: "70000" must be at most 65535\./],
  [
    'a key that was cut',
    sftp({ hostKey: hostKey.slice(0, 30) }),
    /^backups\.sftp\.hostKey: .* is not a whole key of the type ssh-ed25519: it was cut short or changed\./,
  ],
  ['a key that was cut at its end', sftp({ hostKey: hostKey.slice(0, -4) }), /it was cut short or changed\./],
  ['a key that has a part twice', sftp({ hostKey: `${hostKey}AAAA` }), /it was cut short or changed\./],
  [
    'a key with another type before it',
    sftp({ hostKey: hostKey.replace('ssh-ed25519', 'ssh-rsa') }),
    /is not a whole key of the type ssh-rsa/,
  ],
  [
    'a key with a character that Base64 lacks',
    sftp({ hostKey: `${hostKey.slice(0, 30)}!${hostKey.slice(30)}` }),
    /it was cut short or changed\./,
  ],
  [
    'a line of known_hosts',
    sftp({ hostKey: `[u1.example.com]:23 ${hostKey}` }),
    /must begin with the type of the key\. Leave out what is before ssh-ed25519, which is the name of the server\./,
  ],
  [
    'a fingerprint',
    sftp({ hostKey: 'SHA256:XqONwb1S0zuj5A1CDxpOSuD2hnAArV1A3wKY7Z1fEAc' }),
    /is not a public key \(for example: ssh-ed25519 AAAA…\)\./,
  ],
  [
    'a number as the time',
    '{ s3: { endpoint: "https://s3.example.com", bucket: ada }, time: 3 }',
    /^backups\.time: "3" must be a time between 00:00 and 23:59, in quotes \(for example: "03:30"\)\./,
  ],
  [
    'an hour that a day does not have',
    '{ s3: { endpoint: "https://s3.example.com", bucket: ada }, time: "24:00" }',
    /^backups\.time: "24:00" must be a time between 00:00 and 23:59/,
  ],
  [
    'no day kept',
    '{ s3: { endpoint: "https://s3.example.com", bucket: ada }, keep: { days: 0 } }',
    /^backups\.keep\.days: "0" must be at least 1\./,
  ],
  [
    'an S3 secret',
    s3({ secretAccessKey: 'abc' }),
    /^backups\.s3\.secretAccessKey: this is a secret\. Never put secrets into this file\. Remove it, replace it at its provider, and store the new one with: haven secret set backup-s3-secret$/,
  ],
  [
    'an S3 key',
    s3({ accessKey: 'abc' }),
    /^backups\.s3\.accessKey: this is a secret\..* haven secret set backup-s3-key$/,
  ],
  [
    'a key of Amazon under another name',
    s3({ region: 'AKIAIOSFODNN7EXAMPLE' }),
    /^backups\.s3\.region: this looks like a key of Amazon S3\./,
  ],
  [
    'a password for SFTP',
    sftp({ password: 'abc' }),
    /^backups\.sftp\.password: this is a secret\..* which "haven backup key" shows\.$/,
  ],
  [
    'a password of backups',
    `{ s3: { endpoint: "https://s3.example.com", bucket: ada }, password: abc }`,
    /^backups\.password: this is a secret\..* haven makes the password of backups, and keeps it in secrets\.age\.$/,
  ],
];

for (const [what, backups, said] of refused)
  test(`refuses ${what}, in one sentence`, () => {
    const found = problems(backups);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0]!, said);
  });
