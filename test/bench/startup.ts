import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findEngine } from '../../engine/engine-root.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from '../support/scratch.ts';
import { type Figure, median } from './figure.ts';

const rounds = 15;

/** How long `haven --help` of an installed package takes, compared with a bare Node and the engine's own command. */
export function benchStartup(): Figure[] {
  const bare = run(process.execPath, ['-e', '0']);
  const pulumi = run(join(findEngine()!, 'bin/pulumi'), ['version']);
  const help = run(process.execPath, [join(projectRoot, 'cli/bin.mjs'), '--help']);
  const ours = `${help.toFixed(0)} ms`;
  return [
    {
      what: 'haven --help',
      ours,
      beside: `node -e 0: ${bare.toFixed(0)} ms`,
      ratio: help / bare,
      limit: { ratio: 3 },
    },
    { what: 'haven --help', ours, beside: `pulumi version: ${pulumi.toFixed(0)} ms`, ratio: help / pulumi },
  ];
}

function run(command: string, args: string[]): number {
  const cwd = scratch('bench');
  const times = Array.from({ length: rounds }, () => {
    const begun = process.hrtime.bigint();
    const done = spawnSync(command, args, { cwd, stdio: 'ignore' });
    if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status}`);
    return Number(process.hrtime.bigint() - begun) / 1e6;
  });
  return median(times);
}
