import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import type { Entry } from '../../core/operations/entries.ts';
import { formerReleases } from '../../core/operations/history.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Bundle } from '../../core/release/release.ts';
import { HavenCommand } from '../base-command.ts';
import { chosenService } from '../project/chosen-service.ts';
import { Project } from '../project/project.ts';
import { agentOf } from '../project/server-link.ts';

export default class Rollback extends HavenCommand {
  static override summary = 'Put the former release of a service back, by the same way as every change.';
  static override description =
    'The former program and its settings serve again; data stay as they are now, for what was accepted since is never thrown away. The release is held in your directory, so a plan shows no change afterwards; "--undo" releases it, and the next "up" goes forward again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> website',
    '<%= config.bin %> <%= command.id %> website --undo',
  ];
  static override args = { service: Args.string({ description: 'Which service.' }) };
  static override flags = {
    to: Flags.string({ summary: 'Which release, by the beginning of its hash (see "haven history").' }),
    undo: Flags.boolean({ summary: 'Release what a rollback holds.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For machines.' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Rollback);
    const project = await Project.open();
    const service = chosenService(project, args.service, 'rollback');
    const file = join(project.directory, 'held', `${service}.json`);
    if (flags.undo) {
      rmSync(file, { force: true });
      this.log(`  ${service} is no longer held. Type: haven up`);
      return { service, held: null };
    }
    const agent = await agentOf(project);
    const former = formerReleases(await agent.call<Entry[]>(['history', service]));
    const to = flags.to ? former.find((each) => each.startsWith(flags.to!)) : former[0];
    if (!to) {
      throw new ProblemsError([
        {
          where: `haven rollback ${service}`,
          what: flags.to ? `it never served release "${flags.to}".` : 'it has had one release only.',
          remedy: 'Type: haven history',
        },
      ]);
    }
    const bundle = await agent.call<Bundle>(['bundle', service, to]);
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    mkdirSync(join(project.directory, 'held'), { recursive: true });
    writeFileSync(file, JSON.stringify(bundle, null, 1));
    await this.config.runCommand('up', flags.yes ? ['--yes', '--no-backups'] : []);
    if (process.exitCode === 1) {
      // What didn't come about is not written down as wanted.
      if (before === undefined) rmSync(file, { force: true });
      else writeFileSync(file, before);
      return { service, held: null };
    }
    return { service, held: to };
  }
}
