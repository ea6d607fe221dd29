import { Args } from '@oclif/core';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export default class CertificateRoll extends HavenCommand {
  static override summary = 'Take a certificate\'s next key into use with the next "up".';
  static override description =
    'Each name has two keys: one in use, and the next, which the DNS shows already. A roll changes to the next one, so that nobody who checks it (TLSA) ever meets a key that is unknown, and makes one more. Renewals keep the key; roll it when somebody may have read it.';
  static override examples = ['<%= config.bin %> <%= command.id %> www.example.org'];
  static override args = { host: Args.string({ required: true, description: 'The name, www.example.org.' }) };

  async run(): Promise<unknown> {
    const { args } = await this.parse(CertificateRoll);
    const project = await Project.open();
    const { certificates } = project.plan();
    const planned = certificates.find((each) => each.host === args.host);
    if (!planned)
      throw new ProblemsError([
        {
          where: args.host,
          what: 'has no certificate here.',
          remedy: `Type one of: ${certificates.map((each) => `haven certificate roll ${each.host}`).join(', ')}`,
        },
      ]);
    const { pins } = project;
    const keyGeneration = planned.keyGeneration + 1;
    project.savePins({ ...pins, keys: { ...pins.keys, [args.host]: keyGeneration } });
    this.log(`  ${args.host}: key ${keyGeneration} is wanted (in haven.lock). Type: haven up`);
    return { host: args.host, keyGeneration };
  }
}
