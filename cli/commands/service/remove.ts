import { input } from '@inquirer/prompts';
import { Args, Flags } from '@oclif/core';
import { chosenServices } from '../../../core/config/dependencies.ts';
import { removeService } from '../../../core/config/edit-services.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { catalogueService } from '../../project/catalogue-service.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export default class ServiceRemove extends HavenCommand {
  static override summary = 'Take a service out of haven.yaml; with --with-data erase what it kept, too.';
  static override description =
    'Without --with-data nothing stops yet ("haven up" does it), and its data stay on the volume: added again, it has them. With --with-data it is taken down at once, and then its data, settings and secrets on the server are erased for good, after its name has been typed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea',
    '<%= config.bin %> <%= command.id %> gitea --with-data',
  ];
  static override args = { service: Args.string({ description: 'Which service.' }) };
  static override flags = {
    'with-data': Flags.boolean({ summary: 'Erase its data. They cannot be had back from this server.' }),
    confirm: Flags.string({ summary: "The service's name, instead of typing it. For machines." }),
  };

  async run(): Promise<{ service: string; erased: boolean }> {
    const { args, flags } = await this.parse(ServiceRemove);
    const project = await Project.open();
    const service = catalogueService(project.catalogue, args.service, 'service remove').id;
    const isChosen = service in project.config.services;
    if (flags['with-data']) await this.#mustMean(service, flags.confirm);
    const left = { ...project.config.services };
    delete left[service];
    const stays = chosenServices({ services: left }, project.catalogue);
    const alone = chosenServices(project.config, project.catalogue).filter(
      (each) => each !== service && !stays.includes(each),
    );
    if (isChosen) project.edit((text) => removeService(text, service));
    if (isChosen && alone.length > 0)
      this.log(`  With it go those that nothing else needs: ${alone.join(', ')}. Their data stay.`);
    if (!flags['with-data']) {
      this.log(
        isChosen
          ? `  ${service} is no longer in haven.yaml. To take it down: haven up   Its data stay on the volume.`
          : `  ${service} is not in haven.yaml.`,
      );
      return { service, erased: false };
    }
    if (isChosen) {
      await this.config.runCommand('up', flags.confirm ? ['--yes'] : []);
      if (process.exitCode) return { service, erased: false };
    }
    await (await agentOf(project)).call(['erase', service]);
    this.log(`  ${service} is gone, and what it kept is erased.`);
    return { service, erased: true };
  }

  async #mustMean(service: string, confirmed: string | undefined): Promise<void> {
    const typed =
      confirmed ??
      (process.stdin.isTTY
        ? await input({ message: `This erases all data of ${service} for good. Type its name to go on:` })
        : undefined);
    if (typed === service) return;
    throw new ProblemsError([
      {
        where: `haven service remove ${service}`,
        what: 'its data would be erased, and nobody said so by its name. Nothing was changed.',
        remedy: `Type: haven service remove ${service} --with-data --confirm ${service}`,
      },
    ]);
  }
}
