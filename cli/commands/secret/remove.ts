import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { ownerSecret, previousOf, raiseGeneration } from '../../project/owner-secrets.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({ name: z.string(), removed: z.boolean() });

export default class SecretRemove extends HavenCommand {
  static override summary = 'Remove a token or password, and the value before it, from secrets.age.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> cloudflare-token',
    '<%= config.bin %> <%= command.id %> cloudflare-token --yes',
  ];
  static override args = { name: Args.string({ required: true, description: 'The name of the secret.' }) };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(SecretRemove);
    const { name } = args;
    ownerSecret(name, 'secret remove');
    const project = await Project.open();
    const { secrets } = project;
    const values = [name, previousOf(name)].filter((each) => secrets.get(each) !== undefined);
    if (values.length === 0) {
      this.log(`  secrets.age holds no ${name}.`);
      return { name, removed: false };
    }
    const what = `This removes ${values.join(' and ')} from secrets.age.`;
    await mustAgree({ command: `haven secret remove ${name}`, what, mayAsk: this.mayAsk }, flags.yes);
    for (const each of values) await secrets.remove(each);
    raiseGeneration(project, name);
    this.log(`  ${name} is removed from secrets.age.`);
    return { name, removed: true };
  }
}
