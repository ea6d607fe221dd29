import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { clearStaleLock } from './stale-lock.ts';

const stateFolder = mkdtempSync(join(tmpdir(), 'haven-locks-'));
after(() => rmSync(stateFolder, { recursive: true }));
const locks = join(stateFolder, '.pulumi', 'locks', 'organization', 'openhaven', 'cloud');
mkdirSync(locks, { recursive: true });

/** A lock as the engine writes it, with its attributes beside it (gocloud.dev/blob/fileblob). */
function lock(name: string, pid: number, host = hostname()): string {
  const file = join(locks, `${name}.json`);
  writeFileSync(file, JSON.stringify({ pid, hostname: host, username: 'ada' }));
  writeFileSync(`${file}.attrs`, '{"user.content_type":"text/plain; charset=utf-8"}');
  return file;
}

test('removes the lock of a run that was killed here, and no other', async () => {
  const program = join(stateFolder, 'pulumi');
  copyFileSync('/bin/sleep', program);
  const runs = spawn(program, ['60']);
  try {
    const [killed, elsewhere, running] = [
      lock('killed', 2 ** 22 + 1),
      lock('elsewhere', 1, 'another'),
      lock('running', runs.pid!),
    ];
    clearStaleLock({ stateFolder });
    assert.deepEqual(
      [killed, `${killed}.attrs`, elsewhere, running].map((each) => existsSync(each)),
      [false, false, true, true],
    );
  } finally {
    runs.kill();
  }
});
