import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { sendingPassword } from '../../../core/config/sending.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { terminal } from '../../output/terminal.ts';
import { ownerSecret, previousOf } from '../../project/owner-secrets.ts';
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
      description: `The secret: hcloud-token, cloudflare-token or ${sendingPassword}.`,
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
    if (value === '') throw refuse('the value is empty.', '');
    const verdict = check && !flags['no-check'] ? await check(value, project) : true;
    if (verdict !== true)
      throw refuse(verdict, `To save it all the same, run: haven secret set ${name} --no-check`);

    const former = project.secrets.get(name);
    const isNew = former !== undefined && former !== value;
    if (isNew) await project.secrets.set(previousOf(name), former);
    await project.secrets.set(name, value);
    // A new value is a new generation: the next plan shows that it has to be brought to the server.
    if (name === sendingPassword) {
      const { pins } = project;
      const generation = (pins.given?.[sendingPassword] ?? 0) + 1;
      project.savePins({ ...pins, given: { ...pins.given, [sendingPassword]: generation } });
    }
    this.log(
      `  ${name} is saved in secrets.age.${isNew ? ` The former value is kept as ${previousOf(name)}.` : ''}`,
    );
    return { name, previous: isNew ? previousOf(name) : null };
  }
}
