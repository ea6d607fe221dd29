import { rmSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { z } from 'zod';
import { defaultCloud } from '../../../sandbox/default-cloud.ts';
import { resetSandbox, stopSandbox } from '../../../sandbox/sandbox.ts';
import { purge } from '../../../sandbox/teardown.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { loadProjectCatalogue } from '../../project/project-catalogue.ts';

export const output = z.strictObject({ reset: z.boolean(), purged: z.boolean() });

export default class SandboxReset extends HavenCommand {
  static override summary = 'Delete the sandbox cloud and start with an empty sandbox.';
  static override description = 'Asks first. With --purge nothing of the sandbox is left on this machine.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --purge',
  ];
  static override flags = {
    purge: Flags.boolean({ summary: 'Remove everything from this machine: engine, images, disks, caches.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { flags } = await this.parse(SandboxReset);
    const what = `This deletes the sandbox cloud in ${defaultCloud.directory}${flags.purge ? ', and everything that the sandbox put on this machine' : ''}.`;
    const command = `haven sandbox reset${flags.purge ? ' --purge' : ''}`;
    await mustAgree({ command, what, mayAsk: this.mayAsk }, flags.yes);
    rmSync(defaultCloud.directory, { recursive: true, force: true });
    if (flags.purge) {
      await stopSandbox();
      purge();
      this.log('  Everything that the sandbox put on this machine is removed, except the Debian packages.');
      return { reset: true, purged: true };
    }
    await resetSandbox(await loadProjectCatalogue(defaultCloud.directory));
    this.log('  The sandbox is empty. To start it, run: npm start');
    return { reset: true, purged: false };
  }
}
