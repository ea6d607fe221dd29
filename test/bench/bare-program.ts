import * as hcloud from '@pulumi/hcloud';
import * as automation from '@pulumi/pulumi/automation/index.js';
import { generateSshKey } from '../../core/ssh-key.ts';

/** What the bench measures against: so many small resources, one stack, one `up` that refreshes; nothing else. */
const count = Number(process.argv[2]);
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
const { summary } = await stack.up({ refresh: true });
console.log(JSON.stringify(summary.resourceChanges));
