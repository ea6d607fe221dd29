import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { engineRoot } from '../../setup/engine.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { projectRoot } from '../../system/project-root.ts';
import type { Owner } from '../support/owner.ts';
import { type Figure, median, seconds, timed } from './figure.ts';

const rounds = 5;
const execute = promisify(execFile);

/** `up` with nothing to do, beside a fixed bare program of the Automation API with as many resources at the same API. */
export async function benchNoChange(owner: Owner): Promise<Figure[]> {
  const { kept } = await owner.plan();
  const home = mkdtempSync(join(tmpdir(), 'haven-bench-'));
  mkdirSync(join(home, 'state'));
  writeFileSync(join(home, 'passphrase'), 'bench');
  const bare = () =>
    execute(process.execPath, [fileURLToPath(new URL('./bare-program.ts', import.meta.url)), String(kept)], {
      env: {
        ...owner.environment,
        PATH: `${join(projectRoot, 'sandbox/plugins/bin')}:${process.env.PATH}`,
        HAVEN_NODE: process.execPath,
        BENCH_ENGINE: engineRoot,
        PULUMI_HOME: join(cacheDir, 'pulumi-home'),
        PULUMI_BACKEND_URL: pathToFileURL(join(home, 'state')).href,
        PULUMI_CONFIG_PASSPHRASE_FILE: join(home, 'passphrase'),
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      },
    });
  try {
    await bare();
    const ours: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < rounds; round++) {
      beside.push(await timed(bare));
      ours.push(await timed(() => owner.must(['up', '--yes'])));
    }
    return [
      {
        what: `up, no change, ${kept} resources`,
        ours: seconds(median(ours)),
        beside: `bare Automation API program: ${seconds(median(beside))}`,
        ratio: median(ours) / median(beside),
        limit: { ratio: 2 },
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
