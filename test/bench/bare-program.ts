import * as hcloud from '@pulumi/hcloud';
import * as automation from '@pulumi/pulumi/automation/index.js';
import { generateSshKey } from '../../core/ssh-key.ts';

/** What the bench measures against: so many small resources, one stack, one `up` or preview that refreshes; nothing else. */
const [, , verb = '', howMany] = process.argv;
const count = Number(howMany);
const stack = await automation.LocalWorkspace.createOrSelectStack(
  {
    stackName: 'bare',
    projectName: 'bench',
    program: async () => {
      for (let index = 0; index < count; index++)
        new hcloud.SshKey(
          `key-${index}`,
          { name: `bench-${index}`, publicKey: generateSshKey(`bench-${index}`).public },
          { ignoreChanges: ['publicKey'] },
        );
    },
  },
  { pulumiCommand: await automation.PulumiCommand.get({ root: process.env.BENCH_ENGINE! }) },
);
if (verb === 'preview') console.log(JSON.stringify((await stack.preview({ refresh: true })).changeSummary));
else console.log(JSON.stringify((await stack.up({ refresh: true })).summary.resourceChanges));
