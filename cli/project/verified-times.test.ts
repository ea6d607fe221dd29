import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { orUnverified, Unreachable } from '../../components/provider/agent-link.ts';
import { RunFolder } from '../../components/provider/run-folder.ts';
import { loadVerifiedTimes, saveVerifiedTimes } from './verified-times.ts';

const secrets = { sshKey: '', acmeAccountKey: '', passphrase: '', given: {}, acmeTrust: '' };
const known = { outputs: { verifiedAt: '2026-01-01T00:00:00.000Z' } };
const former = process.env.HAVEN_RUN;
afterEach(() => {
  if (former === undefined) delete process.env.HAVEN_RUN;
  else process.env.HAVEN_RUN = former;
});

/** One run in an owner's directory, in which a server is asked about the website. */
async function run(project: { stateFolder: string }, isSilent: boolean): Promise<RunFolder> {
  const folder = RunFolder.create(secrets, new Map(), loadVerifiedTimes(project));
  process.env.HAVEN_RUN = folder.path;
  await orUnverified('release website', known, async () => {
    if (isSilent) throw new Unreachable('no route');
    return known;
  });
  saveVerifiedTimes(project, folder.verified());
  return folder;
}

function emptyDirectory(): { stateFolder: string } {
  const stateFolder = join(mkdtempSync(join(tmpdir(), 'haven-')), 'state');
  mkdirSync(stateFolder);
  return { stateFolder };
}

test('a server that is silent is not verified since the last run that read it, even if that changed nothing', async () => {
  const project = emptyDirectory();
  const read = await run(project, false);
  const readAt = read.verified()['release website'];
  read.remove();
  const silent = await run(project, true);
  assert.deepEqual(silent.unverified(), [{ what: 'release website', why: 'no route', since: readAt }]);
  silent.remove();
  assert.equal(loadVerifiedTimes(project)['release website'], readAt, 'a silent server verifies nothing');
});

test('where no run of this directory has read it, it is not verified since its last change', async () => {
  const silent = await run(emptyDirectory(), true);
  assert.equal(silent.unverified()[0]?.since, known.outputs.verifiedAt);
  silent.remove();
});
