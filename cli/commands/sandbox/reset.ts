import { rmSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { defaultCloud } from '../../../sandbox/default-cloud.ts';
import { resetSandbox, stopSandbox } from '../../../sandbox/sandbox.ts';
import { purge } from '../../../sandbox/teardown.ts';
import { HavenCommand } from '../../base-command.ts';
import { loadProjectCatalogue } from '../../project/project.ts';

export default class SandboxReset extends HavenCommand {
  static override summary = 'Forget the sandbox cloud and begin again with nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --purge',
  ];
  static override flags = {
    purge: Flags.boolean({ summary: 'Remove everything from this machine: engine, images, disks, caches.' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(SandboxReset);
    rmSync(defaultCloud.directory, { recursive: true, force: true });
    if (flags.purge) {
      await stopSandbox();
      purge();
      this.log('  Everything that the sandbox had put on this machine is gone, but the Debian packages.');
      return { purged: true };
    }
    await resetSandbox(await loadProjectCatalogue(defaultCloud.directory));
    this.log('  The sandbox is empty. Type: npm start');
    return { reset: true };
  }
}
