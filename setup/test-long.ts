import { stopSandbox } from '../sandbox/sandbox.ts';
import { layersRun, longLayers } from './layers.ts';
import { prepareSandboxTests, runTests } from './run-tests.ts';

/** `npm run test:long`: the layers that take long. `npm run test:long mail` runs those whose name contains "mail". */
const only = process.argv.slice(2);
const files = longLayers().filter((file) => only.length === 0 || only.some((each) => file.includes(each)));
if (files.length === 0) {
  console.error(`No long layer's path contains ${only.join(' or ')}. There are: ${longLayers().join(', ')}`);
  process.exit(1);
}
await prepareSandboxTests();
const status = await runTests(files, layersRun);
await stopSandbox();
process.exit(status);
