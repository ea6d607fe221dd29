import { storageTasks } from '../sandbox/internet/storage/program.ts';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { addedByJourneys, servicesUnderTest } from '../test/e2e/cloud-under-test.ts';
import { journeyNames } from '../test/e2e/journey.ts';
import { choose } from './choose.ts';
import { prepareSandboxTests, runTests } from './run-tests.ts';

/**
 * `npm run test:e2e`: every journey, in one cloud that is made once. `npm run test:e2e portal` makes that cloud and
 * takes the journeys whose name contains "portal".
 */
const chosen = choose(journeyNames(), "journey's name", ` There are: ${journeyNames().join(', ')}`);
const added = chosen.flatMap((name) => addedByJourneys[name] ?? []);
// Journeys back up to a bucket.
await prepareSandboxTests([...servicesUnderTest, ...added], storageTasks);
const env = { HAVEN_JOURNEYS: chosen.join(' ') };
const status = await runTests(['test/e2e/journeys.test.ts'], { minutes: 75, env });
await stopSandbox();
process.exit(status);
