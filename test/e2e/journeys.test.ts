import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { differences, type Fingerprint } from '../support/fingerprint.ts';
import { CloudUnderTest } from './cloud-under-test.ts';
import { journeyNames, lastJourney, runJourney } from './journey.ts';
import { takeFingerprint } from './take-fingerprint.ts';

/**
 * Every journey, one after the other in one cloud. After each the cloud must be what it was before; where it isn't, the
 * run stops there, since whatever came next would be judged by what that journey left behind.
 */
const chosen = process.env.HAVEN_JOURNEYS?.split(' ') ?? journeyNames();
const cloud = new CloudUnderTest();
let first: Fingerprint;
let stopped: string | undefined = 'there is no cloud';

after(() => cloud.forget());

test('npm start makes a cloud, and services are added to it', async () => {
  await cloud.start();
  first = await takeFingerprint(cloud);
  assert.deepEqual(first.plan, ['exit code 0'], 'a plan of a new cloud shows no change');
  stopped = undefined;
});

for (const name of chosen)
  test(name, async (context) => {
    if (stopped) return context.skip(stopped);
    stopped = `the run stopped at "${name}"`;
    await runJourney(context, name, cloud);
    if (name === lastJourney) return;
    const left = differences(first, await takeFingerprint(cloud));
    assert.deepEqual(left, [], `"${name}" left the cloud changed, so the run stops here`);
    stopped = undefined;
  });
