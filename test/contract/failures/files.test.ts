import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Cloud, type FailureCase, provokeAll } from '../../support/failure-table.ts';

/** Writes a file of the cloud's directory in the place of what was there, whatever that was. */
function put(cloud: Cloud, name: string, content: string | Uint8Array): string {
  const file = join(cloud.directory, name);
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}
const folderAt = (cloud: Cloud, name: string): void => {
  rmSync(join(cloud.directory, name), { recursive: true, force: true });
  mkdirSync(join(cloud.directory, name), { recursive: true });
};
/** A file that no user can read: reading the first byte of a process's memory is an error of the device. */
const unreadable = (cloud: Cloud, name: string): void => {
  rmSync(join(cloud.directory, name), { force: true });
  symlinkSync('/proc/self/mem', join(cloud.directory, name));
};
/** What is written to this file finds a full disk (null(4)): haven writes a new file beside the old one. */
const fullDiskAt = (cloud: Cloud, name: string): void =>
  symlinkSync('/dev/full', join(cloud.directory, `${name}.new`));

/** A cloud whose secrets.age exists. */
const withSecrets =
  (damage: (cloud: Cloud, file: string) => void | Promise<void>) => async (cloud: Cloud) => {
    await (await cloud.secrets()).set('hcloud-token', 'x'.repeat(64));
    await damage(cloud, join(cloud.directory, 'secrets.age'));
  };
const shortened = (file: string, keep: (length: number) => number): void => {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, keep(bytes.length)));
};
const stateFile = '.haven/state/.pulumi/stacks/openhaven/typed-1234.json';
const state = JSON.stringify({ version: 3, checkpoint: { latest: { resources: [] } } });

const table: FailureCase[] = [
  { name: 'haven.yaml is a directory', typed: 'plan', provoke: (cloud) => folderAt(cloud, 'haven.yaml') },
  { name: 'haven.yaml can not be read', typed: 'plan', provoke: (cloud) => unreadable(cloud, 'haven.yaml') },
  {
    name: 'haven.yaml is missing',
    typed: 'plan',
    provoke: (cloud) => rmSync(join(cloud.directory, 'haven.yaml')),
  },
  { name: 'haven.yaml is empty', typed: 'plan', provoke: (cloud) => void put(cloud, 'haven.yaml', '') },
  { name: 'haven.yaml is a list', typed: 'plan', provoke: (cloud) => void put(cloud, 'haven.yaml', '- a\n') },
  {
    name: 'haven.yaml is one word',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, 'haven.yaml', 'cloud\n'),
  },
  {
    name: 'haven.yaml is cut short',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, 'haven.yaml', `${cloud.read().slice(0, 60)} "`),
  },
  {
    name: 'haven.yaml has no services',
    typed: 'plan',
    provoke: (cloud) =>
      void put(cloud, 'haven.yaml', cloud.read().replace(/services:[\s\S]*/, 'services:\n')),
  },
  {
    name: 'haven.yaml is not text',
    typed: 'plan',
    provoke: (cloud) =>
      void put(cloud, 'haven.yaml', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xfe])),
  },
  {
    name: 'the directory of the cloud is a file',
    typed: 'plan',
    provoke: (cloud) => {
      process.env.HAVEN_DIRECTORY = put(cloud, 'file', '');
    },
  },
  {
    name: 'init: the directory is a file',
    typed: 'init --directory CLOUD/file --domain example.org',
    code: 'usage',
    provoke: (cloud) => void put(cloud, 'file', ''),
  },
  {
    name: 'init: the answers are a directory',
    typed: 'init --directory CLOUD/new --answers CLOUD',
    code: 'usage',
  },
  {
    name: 'init: the kept answers are damaged',
    typed: 'init --directory CLOUD/new',
    options: { answers: [] },
    once: true,
    provoke: (cloud) => void put(cloud, 'new/.haven/init-answers.json', '{"domain": 7}'),
  },
  {
    name: 'haven.lock is cut short',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, 'haven.lock', '{\n  "version": 2,\n  "images": {'),
  },
  { name: 'haven.lock is a directory', typed: 'plan', provoke: (cloud) => folderAt(cloud, 'haven.lock') },
  {
    name: 'haven.lock is newer',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, 'haven.lock', '{"version": 9}'),
  },
  {
    name: 'secrets.age is cut in its content',
    typed: 'secret list',
    provoke: withSecrets((_, file) => shortened(file, (length) => length - 9)),
  },
  {
    name: 'secrets.age is cut in its header',
    typed: 'secret list',
    provoke: withSecrets((_, file) => shortened(file, () => 40)),
  },
  {
    name: 'secrets.age is empty',
    typed: 'secret list',
    provoke: withSecrets((_, file) => shortened(file, () => 0)),
  },
  {
    name: 'secrets.age has a changed byte',
    typed: 'secret list',
    provoke: withSecrets((_, file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 5]! ^= 1;
      writeFileSync(file, bytes);
    }),
  },
  {
    name: 'secrets.age is a directory',
    typed: 'secret list',
    provoke: (cloud) => folderAt(cloud, 'secrets.age'),
  },
  {
    name: 'the key to secrets.age is another one',
    typed: 'secret list',
    provoke: withSecrets(async (cloud, file) => {
      const sealed = readFileSync(file);
      rmSync(file);
      renameSync(process.env.HAVEN_AGE_KEY_FILE!, `${process.env.HAVEN_AGE_KEY_FILE}.old`);
      await cloud.secrets();
      writeFileSync(file, sealed);
    }),
  },
  {
    name: 'the key to secrets.age is missing',
    typed: 'secret list',
    provoke: withSecrets(() => rmSync(process.env.HAVEN_AGE_KEY_FILE!)),
  },
  {
    name: 'the key to secrets.age is empty',
    typed: 'secret list',
    provoke: withSecrets(() => writeFileSync(process.env.HAVEN_AGE_KEY_FILE!, '# nothing\n')),
  },
  {
    name: 'the key to secrets.age is cut short',
    typed: 'secret list',
    provoke: withSecrets(() => shortened(process.env.HAVEN_AGE_KEY_FILE!, (length) => length - 20)),
  },
  {
    name: 'the key to secrets.age can be read by others',
    typed: 'secret list',
    provoke: withSecrets(() => {
      const file = process.env.HAVEN_AGE_KEY_FILE!;
      const key = readFileSync(file);
      rmSync(file);
      writeFileSync(file, key, { mode: 0o644 });
    }),
  },
  {
    name: 'HAVEN_AGE_KEY is not a key',
    typed: 'secret list',
    provoke: withSecrets(() => {
      process.env.HAVEN_AGE_KEY = 'not-a-key';
    }),
  },
  {
    name: 'the disk is full where secrets.age is written',
    typed: 'secret set hcloud-token --no-check',
    options: { input: 'y'.repeat(64) },
    provoke: withSecrets((cloud) => fullDiskAt(cloud, 'secrets.age')),
  },
  {
    name: 'the disk is full where haven.yaml is written',
    typed: 'service add miniflux',
    provoke: (cloud) => fullDiskAt(cloud, 'haven.yaml'),
  },
  {
    name: 'the state is cut short',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, stateFile, state.slice(0, 40)),
  },
  { name: 'the state is empty', typed: 'plan', provoke: (cloud) => void put(cloud, stateFile, '') },
  {
    name: 'the state is another file',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, stateFile, '{"a": 1}'),
  },
  {
    name: 'the state is cut short, for up',
    typed: 'up --yes --no-backups',
    provoke: (cloud) => void put(cloud, stateFile, state.slice(0, 40)),
  },
  {
    name: 'the folder of the state is a file',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, '.haven', ''),
  },
  {
    name: "the engine's lock is damaged",
    typed: 'plan',
    provoke: (cloud) => void put(cloud, '.haven/state/.pulumi/locks/a/b.json', '{'),
  },
  {
    name: 'a held release is damaged',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, 'held/website.json', '{"release":'),
  },
  {
    name: 'the note of the state is damaged',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, '.haven/state-copy.json', '{"place":'),
    cloud: { agent: { 'state-look': () => ({ newest: null, unsent: null, held: null }) } },
  },
  {
    name: 'the note of taken records is damaged',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, '.haven/dns-takeovers.json', '{"takeovers":'),
  },
  {
    name: 'the note of a run is damaged',
    typed: 'up --yes --no-backups',
    provoke: (cloud) => void put(cloud, '.haven/run.json', '{"run"'),
  },
  {
    name: 'the note of unchecked logins is damaged',
    typed: 'up --yes --no-backups',
    provoke: (cloud) => void put(cloud, '.haven/unchecked-logins.json', '["gitea'),
  },
  {
    name: 'the sandbox of the cloud was written by something else',
    typed: 'plan',
    provoke: (cloud) => void put(cloud, '.haven/sandbox', '{"a": 1}'),
  },
];

provokeAll(import.meta.url, 'files', table);
