import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { ProblemsError } from '../../core/problem.ts';
import { renderSandboxLink, type SandboxLink } from '../../core/sandbox-link.ts';
import { linkToSandbox } from '../../sandbox/link.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from '../../test/support/scratch.ts';
import { isRunning, readSandboxLink, sandboxImages, sandboxProviders } from './sandbox-link.ts';

const fileIn = (directory: string): string => join(directory, '.haven', 'sandbox');

/** A directory whose cloud is in the sandbox, with what is changed of its link. */
function linked(change: (link: SandboxLink) => SandboxLink = (link) => link): string {
  const directory = scratch('link');
  linkToSandbox(directory);
  const link = readSandboxLink(directory)!;
  writeFileSync(fileIn(directory), renderSandboxLink(change(link)));
  return directory;
}

const refusal = (directory: string): string => {
  try {
    readSandboxLink(directory);
  } catch (error) {
    if (error instanceof ProblemsError) return error.message.replace(directory, '');
    throw error;
  }
  return 'it was taken';
};

test('a directory without a link is a real cloud', () => {
  assert.equal(readSandboxLink(scratch('real')), undefined);
});

test('the sandbox says how its APIs are met and which emulators take the place of plugins', async () => {
  const link = readSandboxLink(linked())!;
  assert.match(link.environment.HCLOUD_ENDPOINT!, /^http:/);
  assert.match(link.environment.CLOUDFLARE_BASE_URL!, /^http:/);
  assert.deepEqual(Object.keys(await sandboxProviders(link)).sort(), ['cloudflare', 'command', 'hcloud']);
});

test('images that are not pulled yet have no reference of their own', () => {
  const folder = scratch('images');
  const imagesFile = join(folder, 'images.json');
  const link = readSandboxLink(linked((each) => ({ ...each, imagesFile })))!;
  assert.deepEqual(sandboxImages(link), {});
  writeFileSync(
    imagesFile,
    '{ "docker.io/a/b:1": { "reference": "openhaven/b-stub:12", "digest": "sha256:3" } }',
  );
  assert.deepEqual(sandboxImages(link), { 'docker.io/a/b:1': 'openhaven/b-stub:12' });
});

test('the sandbox runs while the process of its pid file is the right program', () => {
  const pidFile = join(scratch('pid'), 'pid');
  const program = basename(process.argv[1]!);
  const link = (command: string) =>
    readSandboxLink(linked((each) => ({ ...each, process: { pidFile, command } })))!;
  assert.equal(isRunning(link(program)), false, 'there is no pid file');
  writeFileSync(pidFile, String(process.pid));
  assert.equal(isRunning(link(program)), true);
  assert.equal(isRunning(link('another program')), false, 'the id has gone to another program');
  writeFileSync(pidFile, '4194305');
  assert.equal(isRunning(link(program)), false, 'no process has an id as high');
});

test('a link that names code is taken only from the user who types', () => {
  const directory = linked();
  chmodSync(fileIn(directory), 0o644);
  assert.match(refusal(directory), /can be changed or read by other users.*run: haven sandbox start$/);
});

test('a link that names code outside this installation is refused', () => {
  const elsewhere = (link: SandboxLink): SandboxLink => ({
    ...link,
    plugins: { ...link.plugins, module: join(projectRoot, '..', 'forged.ts') },
  });
  assert.match(
    refusal(linked(elsewhere)),
    /another installation of OpenHaven \(.*forged\.ts\)\. Nothing was changed/,
  );
});

test('what an earlier version wrote is named and refused, with the command that writes it again', () => {
  const directory = scratch('older');
  mkdirSync(join(directory, '.haven'));
  writeFileSync(
    fileIn(directory),
    'This cloud runs in the sandbox of this machine; nothing of it is real.\n',
  );
  assert.equal(
    refusal(directory),
    '/.haven/sandbox: was written by another version of OpenHaven. Nothing was changed. Run: haven sandbox start',
  );
});

test('a link that was there before is private after it is written again', () => {
  const directory = linked();
  chmodSync(fileIn(directory), 0o644);
  linkToSandbox(directory);
  assert.equal(refusal(directory), 'it was taken');
  assert.ok(JSON.parse(readFileSync(fileIn(directory), 'utf8')));
});
