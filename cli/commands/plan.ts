import { Flags } from '@oclif/core';
import { z } from 'zod';
import { ProblemsError } from '../../core/problem.ts';
import { HavenCommand } from '../base-command.ts';
import { whileAsking } from '../output/asking.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { renderPlan } from '../output/print-plan.ts';
import { shownImagesOutput } from '../output/schemas.ts';
import { settleTakeovers } from '../project/dns-takeover.ts';
import { planByNewestState } from '../project/newest-state.ts';
import { Project } from '../project/project.ts';
import { openSession, type Session } from '../project/session.ts';
import { askedFor, showPlan } from '../project/show-plan.ts';

export const output = z.strictObject({
  domain: z.string(),
  isSandbox: z.boolean(),
  stubs: z.array(z.string()),
  /** Services whose program a sandbox built itself, because it reached no registry. */
  builtHere: z.array(z.string()),
  lines: z.array(
    z.strictObject({
      kind: z.enum(['create', 'update', 'replace', 'delete', 'keep']),
      what: z.string(),
      name: z.string(),
      detail: z.string(),
      /** What stops, and for how long. */
      stops: z.string().optional(),
      /** What could be lost. */
      data: z.string().optional(),
    }),
  ),
  kept: z.int(),
  cost: z
    .strictObject({
      currency: z.string(),
      /** VAT rate of the account at the provider. */
      vatPercent: z.number(),
      /** A month, without and with VAT. */
      net: z.number(),
      gross: z.number(),
      /** What the changes add to it. */
      added: z.strictObject({ net: z.number(), gross: z.number() }),
      parts: z.array(z.strictObject({ what: z.string(), net: z.number(), gross: z.number() })),
    })
    .optional(),
  /** Why there is no cost. */
  costUnknown: z.string().optional(),
  unverified: z.array(z.strictObject({ what: z.string(), why: z.string(), since: z.string() })),
  /** DNS records of the owner's own that are left unchanged. */
  foreign: z.int(),
  /** Mail of your domains that another company receives; it is left there. */
  mail: z.array(z.strictObject({ domain: z.string(), at: z.string() })),
  /** By which server, and as whom, this cloud sends its own email; left out if it sends none. */
  sending: z.string().optional(),
  /** What the owner should know of how email leaves, one sentence each. */
  outgoing: z.array(z.string()).optional(),
  /** Zones that others can't trust yet (DNSSEC), one sentence each. */
  dnssec: z.array(z.string()),
  /** Images that the server gets; left out if it gets none, and in a sandbox. */
  images: shownImagesOutput.optional(),
  /** DNS records of the owner's own that are in the way. */
  conflicts: z.array(z.looseObject({ key: z.string() })),
});

export default class Plan extends HavenCommand {
  static override summary = 'Show what "haven up" would change: server, DNS, certificates, services, cost.';
  static override description =
    'Looks at everything as it really is, compares it with haven.yaml, and shows the difference with what each change costs: downtime, data at risk, money a month. Restores a DNS record of yours that an interrupted "haven up" had removed or changed; changes nothing else, not even haven.lock. Exit code: 0 for no change, 2 for changes, 3 if not everything could be verified, 1 for a problem.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --details',
    '<%= config.bin %> <%= command.id %> --json',
  ];
  static override flags = {
    details: Flags.boolean({ summary: 'List everything that would be created, line by line.' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Plan);
    const project = await Project.open();
    project.assertUpstreamHasIt();
    await project.lookUpPins();
    const session = await openSession(project);
    try {
      const log = (text: string): void => this.log(text);
      const { shown } = await whileAsking(askedFor(project), (say) =>
        planByNewestState(project, session, log, async () => {
          await this.#putBackRecords(project, session);
          return showPlan(project, session, say);
        }),
      );
      this.log(renderPlan(shown, flags));
      // What could not be asked is not "no change".
      const changes = shown.lines.length + shown.conflicts.length;
      const isVerified = shown.unverified.length === 0;
      const unchanged = isVerified ? exitCodes.ok : exitCodes.unreachable;
      process.exitCode = changes > 0 ? exitCodes.changes : unchanged;
      return shown;
    } finally {
      await session.close();
    }
  }

  /** The one thing that a plan changes: an interrupted run must not cost an owner their record. */
  async #putBackRecords(project: Project, session: Session): Promise<void> {
    const { putBack, problems } = await settleTakeovers(project.directory, project.config.id, session);
    for (const { name, type, content } of putBack)
      this.log(`  Your DNS record ${name} ${type} ${content} was put back: an earlier run was interrupted.`);
    if (problems.length > 0) throw new ProblemsError(problems);
  }
}
