import { Args, Flags } from '@oclif/core';
import { addService } from '../../../core/config/edit-services.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { catalogueService } from '../../project/catalogue-service.ts';
import { Project } from '../../project/project.ts';

export default class ServiceAdd extends HavenCommand {
  static override summary = 'Write a service into haven.yaml.';
  static override description =
    'Nothing runs yet: "haven plan" shows what it would bring, "haven up" makes it. What would be refused, such as too little memory, is refused now and nothing is written.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea',
    '<%= config.bin %> <%= command.id %> gitea --subdomain code --option title="Our code"',
  ];
  static override args = { service: Args.string({ description: 'Which service.' }) };
  static override flags = {
    subdomain: Flags.string({ summary: 'Its name under the domain, if not the usual one.' }),
    domain: Flags.string({ summary: 'Which of your domains it lives under, if not the main one.' }),
    option: Flags.string({ multiple: true, summary: 'One of its options, as name=value.' }),
  };

  async run(): Promise<{ service: string; added: boolean }> {
    const { args, flags } = await this.parse(ServiceAdd);
    const project = await Project.open();
    const service = catalogueService(project.catalogue, args.service, 'service add').id;
    if (service in project.config.services) {
      this.log(`  ${service} is in haven.yaml already.`);
      return { service, added: false };
    }
    const options = Object.fromEntries((flags.option ?? []).map(asOption));
    project.edit((text) =>
      addService(text, service, {
        ...(flags.subdomain ? { subdomain: flags.subdomain } : {}),
        ...(flags.domain ? { domain: flags.domain } : {}),
        ...(flags.option ? { options } : {}),
      }),
    );
    this.log(`  ${service} is in haven.yaml now. To see what it brings: haven plan   To make it: haven up`);
    return { service, added: true };
  }
}

/** `name=value`: true, false and whole numbers are what they look like, all else is text. */
function asOption(typed: string): [string, unknown] {
  const match = /^([A-Za-z][A-Za-z0-9]*)=(.*)$/s.exec(typed);
  if (!match)
    throw new ProblemsError([
      { where: `--option ${typed}`, what: 'is no name=value.', remedy: 'For example: --option title=Code' },
    ]);
  const [, name, value] = match as unknown as [string, string, string];
  return [name, /^(true|false|0|-?[1-9]\d{0,8})$/.test(value) ? JSON.parse(value) : value];
}
