import { password } from '@inquirer/prompts';
import { Args } from '@oclif/core';
import { sendingPassword } from '../../../core/config/sending.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export default class SecretSet extends HavenCommand {
  static override enableJsonFlag = false;
  static override summary =
    'Put a secret into secrets.age. It is asked for, or read from standard input; never an argument.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> hcloud-token',
    'cat token | <%= config.bin %> <%= command.id %> hcloud-token',
  ];
  static override args = { name: Args.string({ required: true, description: 'Its name.' }) };

  async run(): Promise<void> {
    const { args } = await this.parse(SecretSet);
    const project = await Project.open();
    const value = process.stdin.isTTY
      ? await password({ message: `${args.name}:`, mask: true })
      : (await standardInput()).trim();
    if (value === '') this.error('It is empty. Nothing was changed.');
    await project.secrets.set(args.name, value);
    // A new value is a new generation: the next plan shows that it is to be brought to the server.
    if (args.name === sendingPassword) {
      const { pins } = project;
      const generation = (pins.given?.[sendingPassword] ?? 0) + 1;
      project.savePins({ ...pins, given: { ...pins.given, [sendingPassword]: generation } });
    }
    this.log(`  ${args.name} is kept in secrets.age.`);
  }
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
