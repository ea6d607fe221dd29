import { rmSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { defaultCloud } from '../../../rehearsal/default-cloud.ts';
import { resetRehearsal, stopRehearsal } from '../../../rehearsal/rehearsal.ts';
import { purge } from '../../../rehearsal/teardown.ts';
import { HavenCommand } from '../../base-command.ts';
import { loadProjectCatalogue } from '../../project.ts';

export default class TryReset extends HavenCommand {
  static override summary = 'Forget the rehearsed cloud and begin again with nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --purge',
  ];
  static override flags = {
    purge: Flags.boolean({ summary: 'Remove everything from this machine: engine, images, disks, caches.' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(TryReset);
    rmSync(defaultCloud.directory, { recursive: true, force: true });
    if (flags.purge) {
      await stopRehearsal();
      purge();
      this.log('  Everything that the rehearsal had put on this machine is gone, but the Debian packages.');
      return { purged: true };
    }
    await resetRehearsal(await loadProjectCatalogue(defaultCloud.directory));
    this.log('  The rehearsal is empty. Type: npm start');
    return { reset: true };
  }
}
