import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { describePlace } from '../../../core/backups/backup-place.ts';
import { chosenServices, dependenciesOf } from '../../../core/config/dependencies.ts';
import { removeService } from '../../../core/config/edit-services.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustConfirmName } from '../../output/consent.ts';
import { howToBackUp } from '../../project/backup-secrets.ts';
import { catalogueService } from '../../project/catalogue-service.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = z.strictObject({ service: z.string(), removed: z.boolean(), dataDeleted: z.boolean() });
type Output = z.infer<typeof output>;

export default class ServiceRemove extends HavenCommand {
  static override summary = 'Remove a service from haven.yaml; with --with-data, delete its data too.';
  static override description =
    'Without --with-data, the service runs until the next "haven up", and its data is kept on the volume: if you add the service again, the data is there. With --with-data, it is stopped now, and its data, settings and secrets on the server are deleted. This cannot be undone, so you type its name to confirm.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea',
    '<%= config.bin %> <%= command.id %> gitea --with-data',
    '<%= config.bin %> <%= command.id %> gitea --with-data --confirm gitea --no-backups',
  ];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };
  static override flags = {
    'with-data': Flags.boolean({ summary: 'Delete its data. This cannot be undone.' }),
    confirm: Flags.string({ summary: "The service's name, instead of typing it. For scripts." }),
    'no-backups': Flags.boolean({ summary: 'Accept that this cloud makes no backups.' }),
  };

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(ServiceRemove);
    const project = await Project.open();
    const service = catalogueService(project.catalogue, args.service, 'service remove').id;
    const isChosen = service in project.config.services;
    const { [service]: _, ...left } = project.config.services;
    const staying = chosenServices({ services: left }, project.catalogue);
    const needing = staying.includes(service) ? dependents(project, service, staying) : [];
    if (flags['with-data']) return this.#removeWithData(project, service, needing, flags);

    if (!isChosen) {
      this.log(
        needing.length > 0
          ? `  ${service} is not in haven.yaml itself: ${needing.join(', ')} needs it, so it stays.`
          : `  ${service} is not in haven.yaml.`,
      );
      return { service, removed: false, dataDeleted: false };
    }
    project.edit((text) => removeService(text, service));
    if (needing.length > 0)
      this.log(
        `  ${service} is no longer in haven.yaml, but ${needing.join(', ')} still needs it: it stays.`,
      );
    else {
      this.#sayAlone(project, service, staying);
      this.log(
        `  ${service} is no longer in haven.yaml. To stop it, run: haven up   Its data is kept on the volume.`,
      );
    }
    return { service, removed: true, dataDeleted: false };
  }

  /** All consents come first: nothing is written before the last of them. */
  async #removeWithData(
    project: Project,
    service: string,
    needing: string[],
    flags: { confirm?: string | undefined; 'no-backups': boolean },
  ): Promise<Output> {
    const command = `haven service remove ${service} --with-data`;
    if (needing.length > 0)
      throw new ProblemsError([
        {
          where: command,
          what: `${needing.join(', ')} still needs ${service}. Nothing was changed.`,
          remedy: `Remove ${needing.length > 1 ? 'those' : 'that'} first.`,
        },
      ]);
    const { backups } = project.plan();
    const mayLose = project.isSandbox || flags['no-backups'] || backups !== undefined;
    if (!mayLose && flags.confirm !== undefined)
      throw new ProblemsError(
        [
          {
            where: command,
            what: `this cloud makes no backups, so what is deleted is lost. ${howToBackUp} Nothing was changed.`,
            remedy: `If you accept that, run: ${command} --confirm ${service} --no-backups`,
          },
        ],
        'declined',
      );
    const kept = backups ? ` Its backups are kept (${describePlace(backups.place)}).` : '';
    const what = `This deletes all data of ${service} on the server.${kept}`;
    await mustConfirmName({ command, what, mayAsk: this.mayAsk }, service, flags.confirm);

    const isChosen = service in project.config.services;
    if (isChosen && !(await this.#takeDown(project, service, flags)))
      return { service, removed: false, dataDeleted: false };
    await (await agentOf(project)).call(['delete', service]);
    this.log(`  ${service} is removed, and its data is deleted.`);
    return { service, removed: isChosen, dataDeleted: true };
  }

  /** Without the service, by `haven up`. If that does not succeed, haven.yaml has the service again. */
  async #takeDown(
    project: Project,
    service: string,
    flags: { confirm?: string | undefined; 'no-backups': boolean },
  ): Promise<boolean> {
    const before = readFileSync(join(project.directory, 'haven.yaml'), 'utf8');
    project.edit((text) => removeService(text, service));
    const consents = [
      ...(flags.confirm === undefined ? [] : ['--yes']),
      ...(flags['no-backups'] ? ['--no-backups'] : []),
    ];
    try {
      await this.runHaven('up', consents);
    } catch (error) {
      project.edit(() => before);
      throw error;
    }
    if (!process.exitCode) return true;
    project.edit(() => before);
    this.log(`  ${service} is in haven.yaml as before, and its data is kept.`);
    return false;
  }

  #sayAlone(project: Project, service: string, staying: string[]): void {
    const alone = chosenServices(project.config, project.catalogue).filter(
      (each) => each !== service && !staying.includes(each),
    );
    if (alone.length > 0)
      this.log(`  Nothing else needs ${alone.join(', ')}: removed with it. Their data is kept.`);
  }
}

/** Those among `running` that need a service directly. If none does, the cloud itself needs it, as it does the portal. */
function dependents({ config, catalogue }: Project, service: string, running: string[]): string[] {
  const direct = running.filter((each) =>
    dependenciesOf(catalogue.get(each)!.definition, catalogue, config.services[each]).includes(service),
  );
  return direct.length > 0 ? direct : ['the cloud'];
}
