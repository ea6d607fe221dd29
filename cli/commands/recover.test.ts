import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateIdentity } from 'age-encryption';
import type { z } from 'zod';
import { HetznerApi } from '../../components/hetzner-api.ts';
import { recordMark } from '../../core/dns/record.ts';
import type { Change } from '../../core/plan/changes.ts';
import { generateSshKey } from '../../core/ssh-key.ts';
import { afterDeploy as agent } from '../../test/support/after-deploy.ts';
import { scratch } from '../../test/support/scratch.ts';
import { StubBucket } from '../../test/support/stub-bucket.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { type Answers, fails, openCloud, succeeds, type } from '../../test/support/typist.ts';
import { sessions } from '../project/session.ts';
import type { output } from './recover.ts';

const bucket = new StubBucket();
const yaml = `backups:\n  s3:\n    endpoint: ${bucket.endpoint}\n    bucket: ${bucket.bucket}`;
const server: Change = {
  ...{ kind: 'create', type: 'hcloud:index/server:Server', name: 'a', properties: [] },
  after: { serverType: 'cx33', location: 'fsn1' },
};
const place = ['recover', '--endpoint', bucket.endpoint, '--bucket', bucket.bucket];

/** A cloud with a copy in the bucket, whose server, directory and key file are gone; the key is known. */
async function loseCloud() {
  bucket.files.clear();
  bucket.fault = undefined;
  const cloud = await openCloud({ yaml, agent });
  const secrets = await cloud.secrets();
  await secrets.set('backup-s3-key', bucket.key);
  await secrets.set('backup-s3-secret', bucket.secret);
  cloud.write('notes.txt', 'of the owner');
  const engine = stubSessions();
  await succeeds('up', ['--yes'], { once: true });
  assert.deepEqual([...bucket.files.keys()], [`${cloud.id}.owner.age`]);
  const keyFile = process.env.HAVEN_AGE_KEY_FILE!;
  const key = readFileSync(keyFile, 'utf8')
    .split('\n')
    .find((line) => line.startsWith('AGE-'))!;
  const directory = join(scratch('new-laptop'), 'cloud');
  Object.assign(process.env, {
    HAVEN_DIRECTORY: directory,
    HAVEN_AGE_KEY_FILE: join(scratch('new-home'), 'key'),
    HAVEN_BACKUP_S3_KEY: bucket.key,
    HAVEN_BACKUP_S3_SECRET: bucket.secret,
    HAVEN_AGE_KEY: key,
  });
  cloud.hetzner.state.primary_ips.length = 0;
  engine.changes = [server];
  engine.told.length = 0;
  const { with: open } = sessions;
  const runs: { isRecovery: boolean; basedOn: string | null; adopted: string[] }[] = [];
  sessions.with = async (project) => {
    const session = await open(project);
    const noted = { isRecovery: false, basedOn: null as string | null, adopted: [] as string[] };
    runs.push(noted);
    const { up } = session.engine;
    return {
      ...session,
      engine: {
        ...session.engine,
        adoptRecords: async (records) => void noted.adopted.push(...records.keys()),
        up: (...args) => {
          noted.isRecovery = session.run.isRecovery;
          noted.basedOn = session.run.base.state.basedOn;
          return up(...args);
        },
      },
    };
  };
  const has = (name: string) => existsSync(join(directory, name));
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  return { cloud, directory, engine, key, runs, has, read };
}

test('writes the directory and the key, and makes the cloud again', async () => {
  const { cloud, directory, key, runs, has, read, engine } = await loseCloud();
  const screen = await type([...place, '--yes']);
  assert.equal(screen.code, 0, screen.stderr);
  assert.match(
    screen.stdout,
    /The files of typed-1234 are in .*, as of .*\n {2}A new server at Hetzner gets the data of each service's last backup at bucket "ada" at storage\.example\. What was saved after that backup is lost\.\n[\s\S]*\+ create +Server[\s\S]*Done: 1 changed\.[\s\S]*The cloud is recovered\./,
  );
  assert.doesNotMatch(screen.stdout, /Your cloud is running|no backups/);
  assert.equal(read('haven.yaml'), cloud.read());
  assert.equal(read('notes.txt'), 'of the owner');
  assert.equal(statSync(join(directory, 'secrets.age')).mode & 0o777, 0o600);
  const keyFile = process.env.HAVEN_AGE_KEY_FILE!;
  assert.ok(readFileSync(keyFile, 'utf8').includes(key));
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  assert.ok(!has('.haven/recovering'));
  assert.deepEqual(runs, [{ isRecovery: true, basedOn: null, adopted: [] }]);
  assert.deepEqual(engine.told, ['preview', 'up']);
  // Its own key opens it from now on.
  delete process.env.HAVEN_AGE_KEY;
  engine.changes = [];
  await succeeds('plan');
});

test('with --json it answers with what it made', async () => {
  const { directory } = await loseCloud();
  const { json } = await succeeds<z.infer<typeof output>>('recover', [...place.slice(1), '--yes'], {
    once: true,
  });
  assert.equal(json.id, 'typed-1234');
  assert.equal(json.directory, directory);
  assert.equal(json.changed, 1);
  assert.ok(json.copyAt);
  const unseen = await type([...place, '--json']);
  assert.match(unseen.stdout, /without showing the plan.*[\s\S]*haven recover --json --yes/);
  assert.equal(unseen.code, 4);
});

test('asks for what the environment does not have; secrets are typed unseen', async () => {
  const { key, has } = await loseCloud();
  for (const name of ['HAVEN_BACKUP_S3_KEY', 'HAVEN_BACKUP_S3_SECRET', 'HAVEN_AGE_KEY'])
    delete process.env[name];
  await fails([...place, '--yes'], 'usage', /HAVEN_BACKUP_S3_KEY: is missing/);
  assert.ok(!has('haven.yaml'));
  const answers: Answers = [
    [/Access key/, bucket.key],
    [/Secret key/, bucket.secret],
    [/Key of this cloud/, key],
    [/carries out the plan/, true],
  ];
  const screen = await type(place, { answers });
  assert.equal(screen.code, 0, screen.stderr);
  assert.doesNotMatch(screen.stdout + screen.stderr, new RegExp(`${bucket.secret}|AGE-SECRET`));
});

test('of several clouds in one place, one is named or asked for', async () => {
  const { has } = await loseCloud();
  bucket.files.set('another.owner.age', new Uint8Array([1]));
  await fails([...place, '--yes'], 'usage', /several clouds: another, typed-1234.*--folder another/);
  assert.ok(!has('haven.yaml'));
  const named = await type([...place, '--folder', 'typed-1234', '--yes']);
  assert.equal(named.code, 0, named.stderr);
  await loseCloud();
  bucket.files.set('another.owner.age', new Uint8Array([1]));
  const asked = await type(place, {
    answers: [
      [/Which cloud/, 'typed-1234'],
      [/carries out/, true],
    ],
  });
  assert.equal(asked.code, 0, asked.stderr);
});

test('says what is wrong with place, key and copy, and writes nothing', async () => {
  const { has, cloud } = await loseCloud();
  const yes = [...place, '--yes'];
  process.env.HAVEN_AGE_KEY = await generateIdentity();
  await fails(
    yes,
    'failed',
    /typed-1234\.owner\.age \(bucket "ada" at storage\.example\): was encrypted for another key/,
  );
  process.env.HAVEN_AGE_KEY = 'AGE-SECRET-KEY-1CUTSHORT';
  await fails(yes, 'failed', /HAVEN_AGE_KEY: is not a whole key/);
  bucket.files.set(`${cloud.id}.owner.age`, new Uint8Array([1, 2]));
  process.env.HAVEN_AGE_KEY = await generateIdentity();
  await fails(yes, 'failed', /is damaged.*haven recover/);
  bucket.files.clear();
  await fails(yes, 'failed', /has no copy of a cloud at its top.*--folder/);
  await fails([...yes, '--folder', 'eve'], 'failed', /there is no such file/);
  await fails(
    ['recover', '--endpoint', bucket.endpoint, '--bucket', 'eve', '--yes'],
    'failed',
    /no such bucket/,
  );
  process.env.HAVEN_BACKUP_S3_KEY = 'ANOTHERKEY';
  await fails(yes, 'failed', /refuses the key/);
  bucket.fault = 'unreachable';
  await fails(
    yes,
    'unreachable',
    /storage\.example: can't be reached: storage\.example refuses the connection\. .*Then run: haven recover/,
  );
  await fails(
    ['recover', '--yes'],
    'usage',
    /no haven\.yaml here, and no place of backups was named\. Name the bucket/,
  );
  await fails(['recover', '--bucket', 'ada', '--yes'], 'usage', /--endpoint is missing/);
  await fails([...yes, '--host', 'a.example'], 'usage', /names a bucket and a server with SFTP/);
  await fails(['recover', '--endpoint', 'http://x', '--bucket', 'ada', '--yes'], 'usage', /--endpoint: /);
  await fails(
    ['recover', '--host', 'a.example', '--user', 'u1', '--host-key', 'nonsense', '--yes'],
    'usage',
    /--host-key: /,
  );
  const sftp = [
    'recover',
    '--host',
    'a.example',
    '--user',
    'u1',
    '--host-key',
    generateSshKey('host').public,
  ];
  await fails([...sftp, '--yes'], 'usage', /HAVEN_BACKUP_SFTP_KEY_FILE: is missing/);
  process.env.HAVEN_BACKUP_SFTP_KEY_FILE = '/does/not/exist';
  await fails([...sftp, '--yes'], 'usage', /HAVEN_BACKUP_SFTP_KEY_FILE: there is no file \/does\/not\/exist/);
  assert.ok(!has('haven.yaml') && !has('.haven/recovering'));
  assert.ok(!existsSync(process.env.HAVEN_AGE_KEY_FILE!));
});

test('overwrites no file and no key', async () => {
  const { directory, cloud } = await loseCloud();
  const yes = [...place, '--yes'];
  mkdirSync(directory);
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write('photo.jpg', '');
  await fails(yes, 'usage', /is not empty \(photo\.jpg\)/);
  write('haven.yaml', 'id: another-cloud');
  await fails(yes, 'usage', /has the cloud "another-cloud", and these are the backups of "typed-1234"/);
  write('haven.yaml', cloud.read());
  await fails(yes, 'usage', /already has the files of this cloud.*haven recover/);
  process.env.HAVEN_DIRECTORY = join(scratch('other'), 'empty');
  const own = `${await generateIdentity()}\n`;
  writeFileSync(process.env.HAVEN_AGE_KEY_FILE!, own, { mode: 0o600 });
  await fails(yes, 'usage', /has another key than the one that opens these backups/);
  assert.equal(readFileSync(process.env.HAVEN_AGE_KEY_FILE!, 'utf8'), own);
});

/** Creates a thing of the cloud at the emulated Hetzner. Answers with its id. */
async function createAtHetzner(kind: 'volume' | 'server', haven: string): Promise<string> {
  const sizes = kind === 'volume' ? { size: 10 } : { server_type: 'cx33', image: 'debian-13' };
  const asked = { name: `the-${kind}`, labels: { haven }, location: 'fsn1', ...sizes };
  const made = await new HetznerApi(process.env).call<Record<string, { id: number }>>(
    'POST',
    `/${kind}s`,
    asked,
  );
  return String(made[kind]!.id);
}

test('refuses while something of the cloud still exists; once that is deleted, the same command continues', async () => {
  const { cloud, engine, directory } = await loseCloud();
  await createAtHetzner('volume', cloud.id);
  const said = `Hetzner: the volume the-volume of this cloud still exists.*Delete what is named.*empty project\\. Then run in ${directory}: haven recover`;
  await fails([...place, '--yes'], 'failed', new RegExp(said));
  // By this alone the cloud would come up without data.
  await fails(['up', '--yes'], 'failed', new RegExp(said));
  assert.ok(!engine.told.includes('up'));
  cloud.hetzner.state.volumes.length = 0;
  const again = await type([...place, '--yes']);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /The cloud is recovered/);
});

test('a server that still works is left to haven up, which then recovers nothing', async () => {
  const { cloud, runs, has, directory } = await loseCloud();
  await createAtHetzner('server', cloud.id);
  await fails([...place, '--yes'], 'failed', new RegExp(`If it works, run in ${directory}: haven up`));
  const up = await type(['up', '--yes']);
  assert.equal(up.code, 0, up.stderr);
  assert.equal(runs.at(-1)?.isRecovery, false);
  assert.ok(!has('.haven/recovering'));
});

test('in the directory of the cloud no place has to be named', async () => {
  const { cloud, runs } = await loseCloud();
  process.env.HAVEN_DIRECTORY = cloud.directory;
  // The lost server had a copy of its state. The new one has none, and refuses a change that is based on one.
  const noted = { place: '3fa9c1d2', copy: '7-3fa9c1d2-0b5e77aa', digest: null, at: null };
  cloud.write('.haven/state-copy.json', JSON.stringify(noted));
  const screen = await type(['recover', '--yes']);
  assert.equal(screen.code, 0, screen.stderr);
  assert.equal(runs.at(-1)?.isRecovery, true);
  assert.equal(runs.at(-1)?.basedOn, null);
});

test('an interrupted recovery is continued by haven up', async () => {
  const { cloud, engine, runs, has } = await loseCloud();
  engine.upErrors = ['server limit exceeded (resource_limit_exceeded, abc)'];
  const failed = await type([...place, '--yes']);
  assert.equal(failed.code, 1);
  assert.ok(has('.haven/recovering'));
  // What it made is in its state.
  const id = await createAtHetzner('volume', cloud.id);
  await fails(['up', '--yes'], 'failed', /the volume the-volume of this cloud still exists/);
  const known = { name: 'volume', inputs: {}, outputs: {}, isProtected: true };
  engine.resources = [{ ...known, type: 'hcloud:index/volume:Volume', id }];
  engine.upErrors = [];
  assert.ok(has('.haven/recovering'));
  const done = await type(['up', '--yes']);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /The cloud is recovered/);
  assert.equal(runs.at(-1)?.isRecovery, true);
  assert.ok(!has('.haven/recovering'));
});

test('a state that lists the lost server is kept in a file, and the recovery begins with an empty one', async () => {
  const { cloud, engine, has } = await loseCloud();
  const release = { urn: 'urn:release', type: 'haven:index:Release', id: 'website' };
  engine.state = JSON.stringify({ version: 3, deployment: { resources: [release], manifest: {} } });
  const done = await type([...place, '--yes']);
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(JSON.parse(engine.state), {
    version: 3,
    deployment: { resources: [], pending_operations: [], manifest: {} },
  });
  assert.ok(has('.haven/kept-states/1.json'), cloud.id);
});

test('declining leaves the files, and haven up continues as a recovery', async () => {
  const { runs, has, engine } = await loseCloud();
  const declined = await type(place, { answers: [[/carries out/, false]] });
  assert.notEqual(declined.code, 0);
  assert.ok(has('haven.yaml') && has('.haven/recovering') && !engine.told.includes('up'));
  assert.equal((await type(['up', '--yes'])).code, 0);
  assert.equal(runs.at(-1)?.isRecovery, true);
});

test('uses its own DNS records again, and removes those that nothing needs', async () => {
  const { cloud, runs } = await loseCloud();
  const mark = recordMark(cloud.id);
  await cloud.cloudflare.registerZone('example.org', [
    { name: 'www.example.org', type: 'A', content: '198.51.100.7', ttl: 300, comment: mark },
    { name: 'git.example.org', type: 'A', content: '198.51.100.7', ttl: 300, comment: mark },
    { name: 'mine.example.org', type: 'A', content: '198.51.100.9', ttl: 300 },
  ]);
  const screen = await type([...place, '--yes']);
  assert.equal(screen.code, 0, screen.stderr);
  assert.deepEqual(runs[0]?.adopted, ['dns-a-www.example.org']);
  assert.match(screen.stdout, /DNS record git\.example\.org A 198\.51\.100\.7.*was removed/);
  const names = cloud.cloudflare.state.zones[0]!.records.map(({ name }) => name);
  assert.deepEqual(names, ['www.example.org', 'mine.example.org']);
});

test('keys of the bucket that are newer than the copy’s are kept for the server', async () => {
  const { read } = await loseCloud();
  process.env.HAVEN_BACKUP_S3_SECRET = 'a newer secret of the same bucket';
  const screen = await type([...place, '--yes']);
  assert.equal(screen.code, 0, screen.stderr);
  assert.match(read('haven.lock'), /backup-s3-secret/);
  const shown = await type(['secret', 'show', 'backup-s3-secret']);
  assert.match(shown.stdout, /a newer secret of the same bucket/);
});
