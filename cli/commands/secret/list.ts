import { z } from 'zod';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export const output = z.array(z.string());

export default class SecretList extends HavenCommand {
  static override summary = 'List the names of the secrets in secrets.age, without their values.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<string[]> {
    await this.parse(SecretList);
    const names = (await Project.open()).secrets.names();
    for (const name of names) this.log(`  ${name}`);
    return names;
  }
}
