import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { terminal } from '../../output/terminal.ts';
import { ownerSecret, ownerSecretNames, previousOf, raiseGeneration } from '../../project/owner-secrets.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({
  name: z.string(),
  /** Under which name the former value is kept; null where there was none. */
  previous: z.string().nullable(),
});

export default class SecretSet extends HavenCommand {
  static override summary = 'Save a token or password in secrets.age.';
  static override description =
    'Asks for the value, or reads it from standard input. It is never an argument. A token is tried before it replaces the former one, which is kept as NAME.previous.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> hcloud-token',
    'cat token | <%= config.bin %> <%= command.id %> hcloud-token',
  ];
  static override args = {
    name: Args.string({
      required: true,
      description: `The secret: ${ownerSecretNames.join(', ')}.`,
    }),
  };
  static override flags = {
    'no-check': Flags.boolean({ summary: 'Save it without trying it first.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(SecretSet);
    const { name } = args;
    const { check } = ownerSecret(name, 'secret set');
    const project = await Project.open();
    const typed = terminal.isInteractive() ? await terminal.password(`${name}:`) : await terminal.readInput();
    // A line end or a blank comes along when a token is pasted.
    const value = typed.trim();
    const refuse = (what: string, remedy: string) =>
      new ProblemsError([{ where: name, what: `${what} Nothing was changed.`, remedy }]);
    if (value === '')
      throw refuse('the value is empty.', `Run the command again with a value: haven secret set ${name}`);
    const verdict = check && !flags['no-check'] ? await check(value, project) : true;
    if (verdict !== true)
      throw refuse(verdict, `To save it all the same, run: haven secret set ${name} --no-check`);

    const former = project.secrets.get(name);
    const isNew = former !== undefined && former !== value;
    if (isNew) await project.secrets.set(previousOf(name), former);
    await project.secrets.set(name, value);
    raiseGeneration(project, name);
    this.log(
      `  ${name} is saved in secrets.age.${isNew ? ` The former value is kept as ${previousOf(name)}.` : ''}`,
    );
    return { name, previous: isNew ? previousOf(name) : null };
  }
}
