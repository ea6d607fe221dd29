import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { type AgentLink, Unreachable } from '../../components/provider/agent-link.ts';
import type { Entry } from '../../core/operations/entries.ts';
import { formerReleases } from '../../core/operations/history.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Bundle } from '../../core/release/release.ts';
import { ApplyPlan } from '../apply/apply-plan.ts';
import { HavenCommand } from '../base-command.ts';
import { terminal } from '../output/terminal.ts';
import { chosenService } from '../project/chosen-service.ts';
import { Project } from '../project/project.ts';
import { agentOf } from '../project/server-link.ts';

export const output = z.strictObject({
  service: z.string(),
  /** Hash of the version that is held now; null when none is. */
  held: z.string().nullable(),
});

export default class Rollback extends HavenCommand {
  static override summary = "Go back to a service's previous version.";
  static override description =
    'The previous program runs again with its settings. Data is not rolled back: nothing saved since then is lost. The previous version is held in your directory (held/), so a plan shows no change afterwards. Nothing else is changed: what else differs from haven.yaml waits for "haven up". With "--undo" it is no longer held, and the next "haven up" applies the newer version again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> website',
    '<%= config.bin %> <%= command.id %> website --undo',
  ];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };
  static override flags = {
    to: Flags.string({
      summary: 'Which version, by the first characters of its hash (see "haven history").',
    }),
    undo: Flags.boolean({ summary: 'Stop holding what an earlier rollback holds.' }),
    yes: Flags.boolean({
      char: 'y',
      summary: 'Do not ask, and accept it if this cloud makes no backups. For scripts.',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(Rollback);
    const project = await Project.open();
    const service = chosenService(project, args.service, 'rollback');
    const file = join(project.directory, 'held', `${service}.json`);
    if (flags.undo) {
      if (!existsSync(file)) {
        this.log(`  ${service} was not held.`);
        return { service, held: null };
      }
      rmSync(file);
      this.log(`  ${service} is no longer held. To go forward again, run: haven up`);
      return { service, held: null };
    }
    const agent = await agentOf(project);
    const former = formerReleases(await agent.call<Entry[]>(['history', service]));
    const to = flags.to ? former.find((each) => each.startsWith(flags.to!)) : former[0];
    if (!to) {
      throw new ProblemsError([
        {
          where: `haven rollback ${service}`,
          what: flags.to ? `it has no earlier version "${flags.to}".` : 'it has had only one version.',
          remedy: `To see its versions, run: haven history ${service}`,
        },
      ]);
    }
    const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    mkdirSync(join(project.directory, 'held'), { recursive: true });
    writeFileSync(file, JSON.stringify(await agent.call<Bundle>(['bundle', service, to]), null, 1));
    const apply = new ApplyPlan(project, {
      command: `haven rollback ${service}`,
      mayAsk: this.mayAsk,
      yes: flags.yes,
      noBackups: flags.yes,
      only: service,
      log: (text) => (this.jsonEnabled() ? terminal.tell(`${text}\n`) : this.log(text)),
    });
    try {
      await apply.run();
    } catch (error) {
      if (await isApplied(agent, apply, service, to)) {
        const what = `its previous version runs, and is held: ${file}`;
        throw error instanceof ProblemsError
          ? new ProblemsError([...error.problems, { where: service, what, remedy: '' }], error.kind)
          : error;
      }
      // What did not happen is not written down as wanted.
      if (before === undefined) rmSync(file, { force: true });
      else writeFileSync(file, before);
      throw error;
    }
    return { service, held: to };
  }
}

/**
 * Whether the server runs a release, or is about to. What the engine saw of it counts; where it only saw that the release
 * was begun, the server is asked. If it can't answer, it may have applied the release.
 */
async function isApplied(
  agent: AgentLink,
  { releases }: ApplyPlan,
  service: string,
  to: string,
): Promise<boolean> {
  const seen = releases.get(service);
  if (seen === undefined || seen === 'done') return seen === 'done';
  try {
    const { release, open } = await agent.call<ServiceState>(['read', service]);
    return release === to || open !== null;
  } catch (error) {
    if (error instanceof Unreachable) return true;
    throw error;
  }
}
