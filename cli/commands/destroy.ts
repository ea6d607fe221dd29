import { Flags } from '@oclif/core';
import { HetznerApi } from '../../components/hetzner-api.ts';
import { liftProtection } from '../../components/hetzner-protection.ts';
import { describeChange } from '../../core/plan/describe-change.ts';
import { ProblemsError } from '../../core/problem.ts';
import { HavenCommand } from '../base-command.ts';
import { assertNoErrors } from '../output/engine-errors.ts';
import { interruptible } from '../output/interrupt.ts';
import { Progress } from '../output/progress.ts';
import { settleRemovals } from '../project/dns-takeover.ts';
import { Project } from '../project/project.ts';
import { openSession } from '../project/session.ts';
import { clearStaleLock } from '../project/stale-lock.ts';
import { takeNewerState } from '../project/state-copy.ts';

export default class Destroy extends HavenCommand {
  static override summary =
    'Take this cloud down. Data and addresses stay, unless you say otherwise by name.';
  static override description =
    'Removes the server, its services and the DNS records that are ours. The volume with all data and the addresses are kept, and go on costing; the next "up" finds them again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --with-data',
  ];
  static override flags = {
    'with-data': Flags.boolean({ summary: 'Delete the volume with ALL DATA, and the addresses, too.' }),
    confirm: Flags.string({ summary: 'The domain, for machines: instead of typing it.' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Destroy);
    const project = await Project.open();
    const domain = project.config.domains[0]!.name;
    const withData = flags['with-data'];
    clearStaleLock(project);
    const session = await openSession(project);
    const progress = new Progress(session.plan, session.run);
    try {
      await takeNewerState(project, session, (text) => this.log(text));
      await session.engine.recover();
      const { problems } = await settleRemovals(project.directory, project.config.id, session.environment);
      if (problems.length > 0) throw new ProblemsError(problems);
      const resources = await session.engine.resources();
      const shown = resources.map((each) => ({
        ...each,
        line: describeChange(
          { kind: 'delete', type: each.type, name: each.name, properties: [], before: each.inputs },
          session.plan,
        ),
      }));
      const lost = shown.filter((each) => withData || !each.isProtected);
      const kept = shown.filter((each) => !withData && each.isProtected);
      if (lost.length === 0) {
        this.log(`  Nothing to take down${kept.length > 0 ? '; kept, and costing:' : '.'}`);
        for (const { line } of kept) this.log(`    = ${line.what} ${line.name} ${line.detail}`);
        return { removed: 0 };
      }
      this.log(`\n  This takes ${domain} down:`);
      for (const { line } of lost)
        this.log(`    - ${line.what} ${line.name}${line.data?.startsWith('ALL') ? `: ${line.data}` : ''}`);
      if (kept.length > 0) this.log('  Kept, and goes on costing:');
      for (const { line } of kept) this.log(`    = ${line.what} ${line.name} ${line.detail}`);

      if (flags.confirm === undefined && !process.stdin.isTTY)
        throw new ProblemsError([
          {
            where: 'haven destroy',
            what: 'asks for the domain, and nobody is there to answer.',
            remedy: `Type: haven destroy --confirm ${domain}`,
          },
        ]);
      const typed = flags.confirm ?? (await askFor(domain));
      if (typed.trim() !== domain)
        throw new ProblemsError([
          { where: 'haven destroy', what: `"${typed}" is not ${domain}. Nothing was changed.`, remedy: '' },
        ]);

      if (withData) await liftProtection(project.config.id, new HetznerApi(session.environment));
      const result = await interruptible((signal) =>
        session.engine.destroy(progress.onEvent, { withData, signal }),
      );
      progress.stop();
      assertNoErrors({ ...result, errors: result.errors.filter((each) => !/protected/.test(each)) });
      const removed = result.changes.filter((each) => each.kind === 'delete').length;
      this.log(`\n  Done: ${removed} removed${kept.length > 0 ? `, ${kept.length} kept` : ''}.`);
      return { removed, kept: kept.length };
    } finally {
      progress.stop();
      await session.close();
    }
  }
}

async function askFor(domain: string): Promise<string> {
  const { input } = await import('@inquirer/prompts');
  return input({ message: `Type ${domain} to go on:` });
}
