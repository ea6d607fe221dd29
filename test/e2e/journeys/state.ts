import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Journey } from '../journey.ts';

/** An owner's directory that has lost its state. */
export default (async (cloud, { step }) => {
  await step('a directory whose state is lost has it again from the server', async () => {
    for (const name of ['state', 'state-copy.json'])
      rmSync(join(cloud.owner.directory, '.haven', name), { recursive: true });
    assert.equal((await cloud.owner.plan()).code, 0);
  });
}) satisfies Journey;
