import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { chosenServices, isImplied } from '../../../core/config/dependencies.ts';
import { addService, type ServiceEntry } from '../../../core/config/edit-services.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { terminal } from '../../output/terminal.ts';
import { catalogueService } from '../../project/catalogue-service.ts';
import { pinImages } from '../../project/pin-images.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({
  /** Services that haven.yaml has now and had not before. */
  added: z.array(z.string()),
  /** Services that were there, with other settings now. */
  changed: z.array(z.string()),
  /** Services that were there, or that come along with others. */
  unchanged: z.array(z.string()),
});
type Output = z.infer<typeof output>;

export default class ServiceAdd extends HavenCommand {
  static override strict = false;
  static override summary = 'Add services to haven.yaml, or change settings of one.';
  static override description =
    'This only changes haven.yaml, and writes into haven.lock which images the service has now: "haven plan" then shows what the service adds, and "haven up" starts it. If a registry can\'t be reached within a few seconds, haven.lock is left unchanged, and "haven up" writes it. If the result is not valid, for example because the server has too little memory, nothing is written. In a terminal, without a name, you choose from a list.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea',
    '<%= config.bin %> <%= command.id %> gitea vaultwarden',
    '<%= config.bin %> <%= command.id %> gitea --subdomain code --option title="Our code"',
  ];
  static override args = {
    services: Args.string({ description: 'The services to add: one or several names.' }),
  };
  static override flags = {
    subdomain: Flags.string({ summary: "Its name under the domain. Default: the service's own." }),
    domain: Flags.string({ summary: 'The domain of its address. Default: the main one.' }),
    option: Flags.string({ multiple: true, summary: 'One of its options, as NAME=VALUE.' }),
  };

  async run(): Promise<Output> {
    const { argv, flags } = await this.parse(ServiceAdd);
    const project = await Project.open();
    const names = argv.length > 0 ? (argv as string[]) : await this.#choose(project);
    const entry: ServiceEntry = {
      ...(flags.subdomain ? { subdomain: flags.subdomain } : {}),
      ...(flags.domain ? { domain: flags.domain } : {}),
      ...(flags.option ? { options: Object.fromEntries(flags.option.map(asOption)) } : {}),
    };
    const hasSettings = Object.keys(entry).length > 0;
    if (hasSettings && names.length > 1)
      throw new ProblemsError(
        [
          {
            where: 'haven service add',
            what: 'settings are for one service, and several are named.',
            remedy: `Run: haven service add ${names[0]} ${this.argv.filter((each) => !names.includes(each)).join(' ')}`,
          },
        ],
        'usage',
      );
    const answer: Output = { added: [], changed: [], unchanged: [] };
    for (const service of names.map((each) => catalogueService(project.catalogue, each, 'service add'))) {
      const { id } = service;
      const isThere = id in project.config.services;
      if (!hasSettings && (isThere || isImplied(service))) answer.unchanged.push(id);
      else answer[isThere ? 'changed' : 'added'].push(id);
    }
    const touched = [...answer.added, ...answer.changed];
    if (touched.length > 0)
      project.edit((text) => touched.reduce((before, id) => addService(before, id, entry), text));
    this.#say(project, answer);
    if (touched.length > 0) {
      const notPinned = await pinImages(await Project.open());
      if (notPinned) this.log(`  ${notPinned}`);
    }
    return answer;
  }

  async #choose({ catalogue, config }: Project): Promise<string[]> {
    const choices = [...catalogue.values()]
      .map(({ definition }) => definition)
      .filter((each) => !isImplied(each) && !(each.id in config.services));
    if (this.mayAsk && choices.length > 0)
      return terminal.choose(
        'Which services?',
        choices.map(({ id, title, summary }) => ({ value: id, name: `${summary} (${title})`, short: title })),
      );
    throw new ProblemsError(
      [
        {
          where: 'haven service add',
          what: 'SERVICE is missing.',
          remedy: `There are: ${choices.map(({ id }) => id).join(', ') || 'none that haven.yaml does not have yet'}.`,
        },
      ],
      'usage',
    );
  }

  #say(project: Project, { added, changed, unchanged }: Output): void {
    const running = chosenServices(project.config, project.catalogue);
    for (const id of unchanged)
      this.log(
        id in project.config.services
          ? `  ${id} is already in haven.yaml.`
          : `  ${id} is added automatically with the services that need it${running.includes(id) ? ', and already part of this cloud' : ''}. There is nothing to add.`,
      );
    for (const id of added) this.log(`  ${id} is now in haven.yaml.`);
    for (const id of changed) this.log(`  ${id} has other settings in haven.yaml now.`);
    if (added.length + changed.length > 0)
      this.log('  To see what would change, run: haven plan   To start it: haven up');
  }
}

/** `name=value`: true, false and whole numbers are what they look like, all else is text. */
function asOption(typed: string): [string, unknown] {
  const match = /^([A-Za-z][A-Za-z0-9]*)=(.*)$/s.exec(typed);
  if (!match)
    throw new ProblemsError(
      [
        {
          where: `--option ${typed}`,
          what: 'must look like NAME=VALUE.',
          remedy: 'For example: --option title=Code',
        },
      ],
      'usage',
    );
  const [, name, value] = match as unknown as [string, string, string];
  return [name, /^(true|false|0|-?[1-9]\d{0,8})$/.test(value) ? JSON.parse(value) : value];
}
