import { Flags } from '@oclif/core';
import ora from 'ora';
import { z } from 'zod';
import { type ConflictAnswers, openConflictProblems } from '../../core/dns/conflicts.ts';
import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import { loginsAtRisk } from '../../core/plan/logins-at-risk.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { EngineEvent } from '../../stacks/engine-events.ts';
import { HavenCommand } from '../base-command.ts';
import { trySending } from '../health/look-at-services.ts';
import { watch } from '../health/watch.ts';
import { mustAgree } from '../output/consent.ts';
import { assertNoErrors } from '../output/engine-errors.ts';
import { interruptible } from '../output/interrupt.ts';
import { renderPlan } from '../output/print-plan.ts';
import { Progress } from '../output/progress.ts';
import { terminal } from '../output/terminal.ts';
import { DnsTakeover, settleTakeovers } from '../project/dns-takeover.ts';
import { keepZones } from '../project/keep-zones.ts';
import { LockedState } from '../project/locked-state.ts';
import { Project } from '../project/project.ts';
import { provideImages } from '../project/provide-images.ts';
import { findAgent } from '../project/server-link.ts';
import { openSession, type Session } from '../project/session.ts';
import { showPlan } from '../project/show-plan.ts';
import { clearStaleLock } from '../project/stale-lock.ts';
import { UncheckedLogins } from '../project/unchecked-logins.ts';

/** If the answer to a plan takes longer, everything is read back again before it is carried out. */
const freshMs = 60_000;

export const output = z.strictObject({
  /** How many things were created, changed or removed. */
  changed: z.int(),
  /** The server's addresses, after a change. */
  addresses: z.record(z.string(), z.unknown()),
});

export default class Up extends HavenCommand {
  static override summary = 'Create or change the cloud to match haven.yaml. Shows the plan first, and asks.';
  static override description =
    'If a service fails to start, haven restores its previous version and its data. Ctrl-C ends cleanly; the next "haven up" continues where this one stopped.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
  ];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
    'no-backups': Flags.boolean({ summary: 'Accept that there are no backups yet.' }),
    adopt: Flags.string({
      multiple: true,
      summary: 'Keep an existing DNS record and let haven manage it, by name and type: "www.example.org A".',
    }),
    replace: Flags.string({
      multiple: true,
      summary: 'Remove an existing DNS record and use its place, by name and type: "www.example.org CNAME".',
    }),
  };

  async run(): Promise<z.infer<typeof output> | undefined> {
    const { flags } = await this.parse(Up);
    if (this.jsonEnabled() && !flags.yes)
      throw new ProblemsError(
        [
          {
            where: 'haven up --json',
            what: 'would ask for your consent without showing the plan. Nothing was changed.',
            remedy: 'To see the plan, run: haven plan   To accept it, run: haven up --json --yes',
          },
        ],
        'declined',
      );
    const project = await Project.open();
    const answers: ConflictAnswers = { adopt: flags.adopt ?? [], replace: flags.replace ?? [] };

    clearStaleLock(project);
    const session = await openSession(project);
    try {
      const state = await LockedState.take(project, session, (text) => this.log(text));
      await this.#takeUpAgain(project, session);
      const { shown, conflicts } = await showPlan(project, session, answers);
      this.log(renderPlan(shown));
      const shownAt = Date.now();
      if (shown.lines.length === 0 && conflicts.length === 0) {
        await state.sendIfUnsent();
        await this.#checkLeftLogins(project, session);
        return { changed: 0, addresses: {} };
      }
      const undecided = openConflictProblems(conflicts);
      if (undecided.length > 0) throw new ProblemsError(undecided);
      await this.#ask(project, flags);
      await this.#provideImages(project);
      const isOld = Date.now() - shownAt > freshMs;
      await state.beginChange();

      const { plan, environment } = session;
      const existing = conflicts.map((each) => each.existing);
      await keepZones(project.directory, plan, environment, existing);
      await session.register();
      const takeover = new DnsTakeover(project.directory, plan, conflicts, session);
      await session.engine.adoptRecords(await takeover.adopt());
      session.takePlaces(takeover.places);
      // Read back a moment ago, and all as the state says: what was shown is what there is to do.
      const refresh = isOld || !session.engine.isVerified || session.run.unverified().length > 0;
      return await this.#carryOut(project, session, { state, takeover, refresh });
    } finally {
      await session.close();
    }
  }

  /** Takes in what an interrupted run made, and puts back the owner's records that it removed or changed. */
  async #takeUpAgain(project: Project, session: Session): Promise<void> {
    const recovered = await session.engine.recover();
    for (const urn of recovered.adopted)
      this.log(`  Resumed after an interruption: ${urn.split('::').at(-1)}`);
    const interrupted = await settleTakeovers(project.directory, project.config.id, session);
    this.#say(interrupted.putBack, 'an earlier run was interrupted');
    if (interrupted.problems.length > 0) throw new ProblemsError(interrupted.problems);
  }

  #say(putBack: ExistingRecord[], because: string): void {
    for (const { name, type, content } of putBack)
      this.log(`  Your DNS record ${name} ${type} ${content} was put back: ${because}.`);
  }

  /** What a sandbox makes on the way: shown in a line that is overwritten, or in one line each. */
  async #provideImages(project: Project): Promise<void> {
    const spinner = ora({ stream: process.stderr });
    try {
      await provideImages(project, (progress) => {
        if (spinner.isSpinning) spinner.text = progress;
        else spinner.start(progress);
      });
    } finally {
      spinner.stop();
    }
  }

  async #carryOut(
    project: Project,
    session: Session,
    { state, takeover, refresh }: { state: LockedState; takeover: DnsTakeover; refresh: boolean },
  ): Promise<z.infer<typeof output>> {
    const { plan, engine, run } = session;
    const progress = new Progress(plan, run);
    const logins = new UncheckedLogins(project);
    const onEvent = (event: EngineEvent): void => {
      if (event.event === 'begun') logins.add(loginsAtRisk(plan, [event.change]));
      progress.onEvent(event);
    };
    try {
      const result = await interruptible((signal) => engine.up(onEvent, { refresh, signal }));
      progress.stop();
      const isDone = result.errors.length === 0;
      const settled = await takeover.end(isDone);
      this.#say(settled.putBack, 'this run failed');
      // After a failure only a server that is known to answer is asked.
      const host = isDone ? String(result.outputs.ipv4) : run.lockedHost();
      const agent = host === undefined ? undefined : session.agentAt(host);
      const [copied, watched, sending] = await Promise.allSettled([
        host === undefined ? undefined : state.send(host),
        agent && isDone ? watch(plan, agent, logins.services) : [],
        // Its server is not ours: what it says undoes nothing, but it should surprise nobody later.
        agent && isDone ? trySending(project, agent) : [],
      ]);
      assertNoErrors(result, settled.problems);
      if (copied.status === 'rejected') throw copied.reason;
      const changed = result.changes.filter((each) => each.kind !== 'keep').length;
      this.log(`\n  Done: ${changed} changed.`);
      if (watched.status === 'rejected') throw watched.reason;
      logins.clear();
      for (const { url } of watched.value) if (url) this.log(`  ${url}`);
      if (sending.status === 'rejected') throw sending.reason;
      for (const { good, evidence } of sending.value)
        this.log(`  ${good ? 'Email:' : 'Email is not sent:'} ${evidence}`);
      return { changed, addresses: result.outputs };
    } finally {
      progress.stop();
    }
  }

  /** What a run that failed or was cut off has left to be tried. */
  async #checkLeftLogins(project: Project, { plan }: Session): Promise<void> {
    const logins = new UncheckedLogins(project);
    if (logins.services.length === 0) return;
    this.log(`  Checking the logins that an earlier run did not: ${logins.services.join(', ')}`);
    const agent = await findAgent(project);
    if (!agent) return;
    await watch(plan, agent, logins.services);
    logins.clear();
  }

  async #ask(project: Project, flags: { yes: boolean; 'no-backups': boolean }): Promise<void> {
    const command = 'haven up';
    await mustAgree({ command, what: 'This carries out the plan above.', mayAsk: this.mayAsk }, flags.yes);
    if (project.isSandbox || flags['no-backups']) return;
    const what = 'This version makes no backups yet: if the volume is lost, its data is lost.';
    const phrase = 'no backups';
    const typed = flags.yes ? undefined : await terminal.input(`${what} To accept that, type "${phrase}":`);
    if (typed?.trim().toLowerCase() === phrase) return;
    const why = typed === undefined ? what : `"${typed}" is not "${phrase}".`;
    const remedy = 'If you accept that there are no backups, run: haven up --yes --no-backups';
    throw new ProblemsError([{ where: command, what: `${why} Nothing was changed.`, remedy }], 'declined');
  }
}
