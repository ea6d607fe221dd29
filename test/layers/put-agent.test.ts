import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildAgent } from '../../agent/build.ts';
import { putAgent, putCommand } from '../../components/cloud-init.ts';
import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import { protocol } from '../../core/operations/protocol.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { devicePath, resizeVolume } from '../../sandbox/machine/volumes.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { LabServer, openLab } from '../support/lab.ts';

/** How an agent comes onto a server: whole and checked, or not at all; and never an older one over a newer one. */
let server: LabServer;

before(async () => {
  server = await LabServer.create(await openLab(), 'layer-put', 22);
  await onMachine(server.id, ['sh', '-c', `cat > ${putCommand} && chmod 755 ${putCommand}`], {
    input: putAgent,
  });
});
after(async () => server.remove());

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const packed = (text: string): string => gzipSync(text).toString('base64');
const put = (text: string, hash = sha256(text), sizeGb = 8) =>
  tryOnMachine(
    server.id,
    [putCommand, hash, '--volume', devicePath(server.id), '--volume-gb', String(sizeGb)],
    { input: packed(text) },
  );
const installed = async (): Promise<string> =>
  (await onMachine(server.id, ['sha256sum', '/usr/local/lib/haven/agent.cjs'])).stdout.split(' ')[0]!;

test('an agent that is whole is taken in, and sets the server up; the second time nothing changes', async () => {
  const { text } = await buildAgent(cacheDir);
  assert.equal((await put(text)).code, 0);
  const again = await put(text);
  assert.equal(again.code, 0);
  assert.match(again.stdout, /"changed":\[\]/);
  assert.equal(await installed(), sha256(text));
});

test('a volume that has grown is larger for the services at once', async () => {
  const { text } = await buildAgent(cacheDir);
  await resizeVolume(server.id, 11);
  const grown = await put(text, sha256(text), 11);
  assert.match(grown.stdout, /"changed":\["file system of the volume: 8 GB → 11 GB"\]/);
  const { stdout } = await onMachine(server.id, ['df', '--output=size', '-BG', '/srv/haven']);
  assert.match(stdout, /\b11G/);
});

test('one that arrives damaged is refused, and the old one stays', async () => {
  const earlier = await installed();
  const refused = await put('console.log("half of i', sha256('console.log("half of it")'));
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /arrived damaged/);
  assert.equal(await installed(), earlier);
});

test('none is installed beside the deploy of another run; the run that brings it goes on', async () => {
  const { text } = await buildAgent(cacheDir);
  const earlier = await installed();
  const take = (run: string, agent: string | null) => {
    const claim: LockClaim = { run, holder: 'ben@desk', speaks: protocol, state: null, agent };
    return onMachine(server.id, ['haven-agent', 'deploy-lock-take', JSON.stringify(claim)]);
  };
  const other = `${text}\n// another build`;
  await take('run-1', sha256(text));
  const refused = await put(other);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /ben@desk is changing this server/);
  assert.equal(await installed(), earlier);
  assert.equal((await put(text)).code, 0);
  await onMachine(server.id, ['haven-agent', 'deploy-lock-release', 'run-1']);
  assert.equal((await put(other)).code, 0);
  assert.equal(await installed(), sha256(other));
  const files = await onMachine(server.id, ['ls', '-A', '/usr/local/lib/haven']);
  assert.deepEqual(
    files.stdout.trim().split('\n').sort(),
    ['agent.cjs', 'agent.compiled', 'start.cjs'],
    'no draft and no former agent is left',
  );
});

test('an older one never takes the place of a newer one', async () => {
  const newer = 'console.log(JSON.stringify({ protocol: 99, version: "99.0.0" }))';
  await onMachine(server.id, ['sh', '-c', 'cat > /usr/local/lib/haven/agent.cjs'], { input: newer });
  const refused = await put((await buildAgent(cacheDir)).text);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /set up by haven 99\.0\.0, .*Nothing was changed\. Run: npm install --global openhaven@99\.0\.0/,
  );
  assert.equal(await installed(), sha256(newer));
});
