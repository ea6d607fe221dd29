import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../services/catalogue.ts';

/** `npm run bench`: figures that mean something on any machine, because each is a ratio to something simpler in the same run. */
const rounds = 15;

function median(command: string, args: string[]): number {
  const times = Array.from({ length: rounds }, () => {
    const begun = process.hrtime.bigint();
    const done = spawnSync(command, args, {
      cwd: mkdtempSync(join(tmpdir(), 'haven-bench-')),
      stdio: 'ignore',
    });
    if (done.error) throw done.error;
    return Number(process.hrtime.bigint() - begun) / 1e6;
  });
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

const bare = median(process.execPath, ['-e', '0']);
const help = median(process.execPath, [join(projectRoot, 'cli/bin.mjs'), '--version']);
console.log(
  `haven --version: ${(help / bare).toFixed(1)} times bare node (${help.toFixed(0)} ms to ${bare.toFixed(0)} ms, median of ${rounds})`,
);
