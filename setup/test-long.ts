import { stopSandbox } from '../sandbox/sandbox.ts';
import { choose } from './choose.ts';
import { layersRun, longLayers } from './layers.ts';
import { prepareSandboxTests, runTests } from './run-tests.ts';

/** `npm run test:long`: the layers that take long. `npm run test:long mail` runs those whose name contains "mail". */
const files = choose(longLayers(), "long layer's path", ` There are: ${longLayers().join(', ')}`);
await prepareSandboxTests();
const status = await runTests(files, layersRun);
await stopSandbox();
process.exit(status);
