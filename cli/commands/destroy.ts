import { Flags } from '@oclif/core';
import { z } from 'zod';
import { HetznerApi } from '../../components/hetzner-api.ts';
import { liftProtection } from '../../components/hetzner-protection.ts';
import { describePlace } from '../../core/backups/backup-place.ts';
import { describeStillSigned } from '../../core/dns/describe-still-signed.ts';
import { signedZone } from '../../core/dns/zone-signing.ts';
import { costOf, renderAmount } from '../../core/plan/cost.ts';
import { describeChange } from '../../core/plan/describe-change.ts';
import { ProblemsError } from '../../core/problem.ts';
import { HavenCommand } from '../base-command.ts';
import { mustConfirmName } from '../output/consent.ts';
import { assertNoErrors } from '../output/engine-errors.ts';
import { interruptible } from '../output/interrupt.ts';
import { Progress } from '../output/progress.ts';
import { settleTakeovers } from '../project/dns-takeover.ts';
import { loadPricing } from '../project/load-pricing.ts';
import { LockedState } from '../project/locked-state.ts';
import { Project } from '../project/project.ts';
import { openSession, type Session } from '../project/session.ts';
import { clearStaleLock } from '../project/stale-lock.ts';

export const output = z.strictObject({ removed: z.int(), kept: z.int() });

export default class Destroy extends HavenCommand {
  static override summary = 'Delete this cloud. Its data and addresses are kept unless you say otherwise.';
  static override description =
    'Removes the server, its services and the DNS records that haven created. The volume with all data and the addresses are kept, and still billed; the next "haven up" finds them again. With --with-data they are deleted too.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --with-data',
  ];
  static override flags = {
    'with-data': Flags.boolean({
      summary: 'Also delete the volume with ALL DATA, and the addresses. This cannot be undone.',
    }),
    confirm: Flags.string({ summary: 'The domain, instead of typing it. For scripts.' }),
    yes: Flags.boolean({
      char: 'y',
      summary: 'Do not ask. For scripts; with --with-data, --confirm is required.',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { flags } = await this.parse(Destroy);
    const project = await Project.open();
    const domain = project.config.domains[0]!.name;
    const withData = flags['with-data'];
    clearStaleLock(project);
    const session = await openSession(project);
    const progress = new Progress(session.plan, session.run);
    try {
      const state = await LockedState.take(project, session, (text) => this.log(text));
      await session.engine.recover();
      const { problems } = await settleTakeovers(project.directory, project.config.id, session);
      if (problems.length > 0) throw new ProblemsError(problems);
      const resources = await session.engine.resources();
      const shown = resources.map((each) => ({
        ...each,
        line: describeChange(
          { kind: 'delete', type: each.type, name: each.name, properties: [], before: each.inputs },
          session.plan,
        ),
      }));
      const signed = shown.filter(({ name }) => signedZone(name) !== undefined);
      const lost = shown.filter((each) => !signed.includes(each) && (withData || !each.isProtected));
      const kept = shown.filter((each) => !withData && each.isProtected);
      const keptTitle = `Kept, and still billed${await billed(kept, session)}:`;
      if (lost.length === 0) {
        this.log('  There is nothing to delete.');
        if (kept.length > 0) this.log(`  ${keptTitle}`);
        for (const { line } of kept) this.log(`    = ${line.what} ${line.name} ${line.detail}`);
        return { removed: 0, kept: kept.length };
      }
      this.log(`\n  This deletes the cloud of ${domain}:`);
      for (const { line } of lost)
        this.log(`    - ${line.what} ${line.name}${line.data?.startsWith('ALL') ? `: ${line.data}` : ''}`);
      if (kept.length > 0) this.log(`  ${keptTitle}`);
      for (const { line } of kept) this.log(`    = ${line.what} ${line.name} ${line.detail}`);
      for (const line of describeStillSigned(signed)) this.log(`  ${line}`);

      const andData = withData ? ' and deletes ALL ITS DATA' : '';
      const { backups } = session.plan;
      const andBackups = backups ? ` Its backups are kept (${describePlace(backups.place)}).` : '';
      const what = `This deletes the cloud of ${domain}${andData}.${andBackups}`;
      const command = `haven destroy${withData ? ' --with-data' : ''}`;
      if (withData || !flags.yes)
        await mustConfirmName({ command, what, mayAsk: this.mayAsk }, domain, flags.confirm);

      await state.beginChange();
      if (withData) await liftProtection(project.config.id, new HetznerApi(session.environment));
      const result = await interruptible((signal) =>
        session.engine.destroy(progress.onEvent, { withData, signal }),
      );
      progress.stop();
      const [sent] = await Promise.allSettled([state.sendIfServerRemains()]);
      assertNoErrors({ ...result, errors: result.errors.filter((each) => !/protected/.test(each)) });
      if (sent.status === 'rejected') throw sent.reason;
      const removed = result.changes.filter(
        ({ kind, name }) => kind === 'delete' && signedZone(name) === undefined,
      ).length;
      this.log(`\n  Done: ${removed} removed${kept.length > 0 ? `, ${kept.length} kept` : ''}.`);
      return { removed, kept: kept.length };
    } finally {
      progress.stop();
      await session.close();
    }
  }
}

/** ` (4.40 EUR a month …)`: what the kept resources cost; empty if there is no price for them. */
async function billed(
  kept: { type: string; inputs: Record<string, unknown> }[],
  { plan, environment }: Session,
): Promise<string> {
  const { pricing } = kept.length > 0 ? await loadPricing(new HetznerApi(environment)) : {};
  const cost = pricing && costOf(kept, plan.server.location, pricing);
  return cost ? ` (${renderAmount(cost, Number(pricing.vat_rate), `${pricing.currency} a month`)})` : '';
}
