import { Args } from '@oclif/core';
import { z } from 'zod';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({ host: z.string(), keyGeneration: z.int() });

export default class CertificateRenewKey extends HavenCommand {
  static override summary = 'Replace a certificate\'s private key at the next "haven up".';
  static override description =
    'Each name has two keys: the one in use, and the next one, which DNS (TLSA) already publishes. This switches to the next one and creates another, so programs that check the key always know it. Renewals keep the key. Replace it if someone may have read it.';
  static override examples = ['<%= config.bin %> <%= command.id %> www.example.org'];
  static override args = {
    host: Args.string({ required: true, description: 'The name, such as www.example.org.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args } = await this.parse(CertificateRenewKey);
    const project = await Project.open();
    const { certificates } = project.plan();
    const host = args.host.toLowerCase();
    const planned = certificates.find((each) => each.host === host);
    if (!planned)
      throw new ProblemsError(
        [
          {
            where: host,
            what: 'has no certificate in this cloud.',
            remedy: `Run one of: ${certificates.map((each) => `haven certificate renew-key ${each.host}`).join(', ')}`,
          },
        ],
        'usage',
      );
    const { pins } = project;
    const keyGeneration = planned.keyGeneration + 1;
    project.savePins({ ...pins, keys: { ...pins.keys, [host]: keyGeneration } });
    this.log(`  ${host}: key ${keyGeneration} is next (written to haven.lock). To use it, run: haven up`);
    return { host, keyGeneration };
  }
}
