import ora from 'ora';
import { type ConflictAnswers, openConflictProblems } from '../../core/dns/conflicts.ts';
import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import { loginsAtRisk } from '../../core/plan/logins-at-risk.ts';
import { ProblemsError } from '../../core/problem.ts';
import { type EngineEvent, releaseOf } from '../../stacks/engine-events.ts';
import { lookAtMailWay, trySending } from '../health/look-at-services.ts';
import { watch } from '../health/watch.ts';
import { whileAsking } from '../output/asking.ts';
import { mustAgree } from '../output/consent.ts';
import { assertNoErrors } from '../output/engine-errors.ts';
import { interruptible } from '../output/interrupt.ts';
import { renderPlan } from '../output/print-plan.ts';
import { Progress } from '../output/progress.ts';
import { terminal } from '../output/terminal.ts';
import { withPagePaths } from '../output/with-page-paths.ts';
import { howToBackUp, makeBackupSecrets } from '../project/backup-secrets.ts';
import { makeDkimKeys } from '../project/dkim-keys.ts';
import { DnsTakeover, settleTakeovers } from '../project/dns-takeover.ts';
import { FilesToCommit } from '../project/files-to-commit.ts';
import { keepZones } from '../project/keep-zones.ts';
import { LockedState } from '../project/locked-state.ts';
import { keepOwnerCopy } from '../project/owner-copy.ts';
import type { Project } from '../project/project.ts';
import { provideImages } from '../project/provide-images.ts';
import { findAgent } from '../project/server-link.ts';
import { openSession, type Session } from '../project/session.ts';
import { askedFor, showPlan } from '../project/show-plan.ts';
import { clearStaleLock } from '../project/stale-lock.ts';
import { UncheckedLogins } from '../project/unchecked-logins.ts';
import { waitingZones } from '../project/waiting-zones.ts';
import { ApplyRecovery } from './apply-recovery.ts';
import { availableTypes } from './available-types.ts';
import { welcome } from './welcome.ts';

/** If the answer to a plan takes longer, everything is read back again before it is carried out. */
const freshMs = 60_000;

/** What a command asks to be applied, and how it asks its owner. */
export interface ApplyOptions {
  /** The command as it is typed, `haven up`. */
  command: string;
  /** Can a person be asked? */
  mayAsk: boolean;
  yes: boolean;
  /** Accepts that this cloud makes no backups. */
  noBackups: boolean;
  answers?: ConflictAnswers;
  /** Changes the release of this service, and nothing else. */
  only?: string;
  log: (text: string) => void;
}

/** What was applied. */
export interface Applied {
  /** How many things were created, changed or removed. */
  changed: number;
  /** The server's addresses, after a change. */
  addresses: Record<string, unknown>;
}

/** Shows a plan, asks, carries it out, and looks whether everything works afterwards. */
export class ApplyPlan {
  /** What became of each release that was begun: also after a failure, so of a release that is not here nothing was. */
  readonly releases = new Map<string, EngineEvent['event']>();
  readonly #project: Project;
  readonly #options: ApplyOptions;

  constructor(project: Project, options: ApplyOptions) {
    this.#project = project;
    this.#options = options;
  }

  async run(): Promise<Applied> {
    const project = this.#project;
    const { log, only, answers = { adopt: [], replace: [] } } = this.#options;
    clearStaleLock(project);
    const files = new FilesToCommit(project.directory);
    if (only === undefined) {
      project.assertUpstreamHasIt();
      await project.lookUpPins();
    }
    const session = await openSession(project);
    try {
      const state = await whileAsking('Hetzner and the server', () =>
        LockedState.take(project, session, log),
      );
      await this.#takeUpAgain(project, session);
      const recovery =
        only === undefined ? await ApplyRecovery.begin(project, session, this.#options.command) : undefined;
      const { shown, conflicts } = await whileAsking(askedFor(project), (say) =>
        showPlan(project, session, say, answers, only),
      );
      log(renderPlan(shown));
      const shownAt = Date.now();
      if (shown.lines.length === 0 && conflicts.length === 0) {
        await state.sendIfUnsent();
        if (only === undefined) await this.#checkLeftLogins(project, session);
        await this.#endWell(project, session, recovery);
        return { changed: 0, addresses: {} };
      }
      const undecided = openConflictProblems(conflicts);
      if (undecided.length > 0) throw new ProblemsError(undecided);
      await this.#ask(project);
      if (only === undefined) {
        await makeDkimKeys(project.secrets, session.plan.mail, session.run);
        project.keepPins();
        session.replanRecords();
        await makeBackupSecrets(project, session.run);
      }
      // What runs on the server already was once, has its images there.
      if (only === undefined) await this.#provideImages(project, session);
      recovery?.noteMaking();
      const isOld = Date.now() - shownAt > freshMs;
      await state.beginChange();

      const { plan, environment } = session;
      const existing = conflicts.map((each) => each.existing);
      if (only === undefined) {
        await keepZones(project.directory, plan, environment, existing);
        const orders = shown.lines.some(({ what, kind }) => what === 'Certificate' && kind !== 'delete');
        const { isReplaced } = await whileAsking('the certificate authority', () =>
          session.register({ orders }),
        );
        if (isReplaced)
          log(
            '  CAA records name another account at the certificate authority than the one that this cloud has now. They are changed first.',
          );
      }
      const takeover = new DnsTakeover(project.directory, plan, conflicts, session);
      await session.engine.adoptRecords(await takeover.adopt());
      session.takePlaces(new Map([...(recovery?.places ?? []), ...takeover.places]));
      // Read back a moment ago, and all as the state says: what was shown is what there is to do.
      const refresh = isOld || !session.engine.isVerified || session.run.unverified().length > 0;
      const applied = await this.#carryOut(project, session, { state, takeover, refresh, recovery });
      const isFirst = shown.lines.some(({ what, kind }) => what === 'Server' && kind === 'create');
      // A sandbox that is started for someone has its own words, and its first user.
      if (isFirst && !recovery && !(project.isSandbox && this.#options.yes))
        await welcome(project, { cost: shown.cost, mayAsk: this.#mayInvite, log });
      return applied;
    } finally {
      await session.close();
      if (files.note) log(`  ${files.note}`);
    }
  }

  /** Whether a person reads what is written: with --yes it may be a script, whose output is kept. */
  get #mayInvite(): boolean {
    return this.#options.mayAsk && !this.#options.yes;
  }

  /** Takes in what an interrupted run made, and puts back the owner's records that it removed or changed. */
  async #takeUpAgain(project: Project, session: Session): Promise<void> {
    const recovered = await session.engine.recover();
    for (const urn of recovered.adopted)
      this.#options.log(`  Resumed after an interruption: ${urn.split('::').at(-1)}`);
    if (this.#options.only !== undefined) return;
    const interrupted = await settleTakeovers(project.directory, project.config.id, session);
    this.#say(interrupted.putBack, 'an earlier run was interrupted');
    if (interrupted.problems.length > 0) throw new ProblemsError(interrupted.problems);
  }

  #say(putBack: ExistingRecord[], because: string): void {
    for (const { name, type, content } of putBack)
      this.#options.log(`  Your DNS record ${name} ${type} ${content} was put back: ${because}.`);
  }

  /** What a sandbox makes on the way: shown in a line that is overwritten, or in one line each. */
  async #provideImages(project: Project, { run }: Session): Promise<void> {
    for (const recipe of await project.imageRecipes()) run.putRecipe(recipe);
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
    {
      state,
      takeover,
      refresh,
      recovery,
    }: {
      state: LockedState;
      takeover: DnsTakeover;
      refresh: boolean;
      recovery: ApplyRecovery | undefined;
    },
  ): Promise<Applied> {
    const { plan, engine, run } = session;
    const progress = new Progress(plan, run);
    const { only } = this.#options;
    const logins = new UncheckedLogins(project);
    const onEvent = (event: EngineEvent): void => {
      const service = releaseOf(event);
      if (service !== undefined) this.releases.set(service, event.event);
      if (event.event === 'begun') logins.add(loginsAtRisk(plan, [event.change]));
      progress.onEvent(event);
    };
    try {
      const result = await interruptible((signal) => engine.up(onEvent, { refresh, signal, only }));
      progress.stop();
      const isDone = result.errors.length === 0;
      const settled = await takeover.end(isDone);
      this.#say(settled.putBack, 'this run failed');
      // After a failure only a server that is known to answer is asked.
      const host = run.lockedHost() ?? (isDone ? (result.outputs.ipv4 as string | undefined) : undefined);
      const agent = host === undefined ? undefined : session.agentAt(host);
      const [copied, watched, sending, mailWay] = await Promise.allSettled([
        host === undefined ? undefined : state.send(host),
        agent && isDone ? watch(plan, agent, logins.services, only) : [],
        // Its server is not ours: what it says undoes nothing, but it should surprise nobody later.
        agent && isDone && only === undefined ? trySending(project, agent) : [],
        agent && isDone && only === undefined ? lookAtMailWay(plan, agent) : [],
      ]);
      const available = await availableTypes(result.errors, plan.server.location, session.environment);
      assertNoErrors(result, settled.problems, available);
      if (copied.status === 'rejected') throw copied.reason;
      const changed = result.changes.filter((each) => each.kind !== 'keep').length;
      this.#options.log(`\n  Done: ${changed} changed.`);
      for (const line of run.told()) this.#options.log(`  ${line}`);
      await this.#endWell(project, session, recovery);
      if (watched.status === 'rejected') throw watched.reason;
      logins.clear();
      for (const { url } of watched.value) if (url) this.#options.log(`  ${url}`);
      if (sending.status === 'rejected') throw sending.reason;
      if (mailWay.status === 'rejected') throw mailWay.reason;
      for (const { good, evidence } of [...sending.value, ...mailWay.value])
        this.#options.log(`  ${good ? 'Email:' : 'Email is not sent:'} ${evidence}`);
      return { changed, addresses: result.outputs };
    } finally {
      progress.stop();
    }
  }

  /** What is done once everything is as planned. Nothing of it fails the run. */
  async #endWell(project: Project, session: Session, recovery: ApplyRecovery | undefined): Promise<void> {
    const { log, only } = this.#options;
    for (const line of (await recovery?.end()) ?? []) log(`  ${line}`);
    // What the cloud was made of, for `haven recover`.
    const failed = await keepOwnerCopy(project);
    if (failed !== undefined) log(`  ${failed}`);
    for (const line of only === undefined ? await waitingZones(session) : []) log(`  ${line}`);
  }

  /** What a run that failed or was cut off has left to be tried. */
  async #checkLeftLogins(project: Project, { plan }: Session): Promise<void> {
    const logins = new UncheckedLogins(project);
    if (logins.services.length === 0) return;
    this.#options.log(`  Checking the logins that an earlier run did not: ${logins.services.join(', ')}`);
    const agent = await findAgent(project);
    if (!agent) return;
    await watch(plan, agent, logins.services);
    logins.clear();
  }

  async #ask(project: Project): Promise<void> {
    const { command, mayAsk, yes, noBackups, only } = this.#options;
    await mustAgree({ command, what: 'This carries out the plan above.', mayAsk }, yes);
    if (project.isSandbox || noBackups || project.config.backups) return;
    const what = `This cloud makes no backups: if the volume is lost, its data is lost. ${howToBackUp}`;
    const phrase = 'no backups';
    const typed = yes
      ? undefined
      : await terminal.input(withPagePaths(`${what} To accept that, type "${phrase}":`));
    if (typed?.trim().toLowerCase() === phrase) return;
    const why = typed === undefined ? what : `"${typed}" is not "${phrase}".`;
    const consents = only === undefined ? '--yes --no-backups' : '--yes';
    const remedy = `If you accept that, run: ${command} ${consents}`;
    throw new ProblemsError([{ where: command, what: `${why} Nothing was changed.`, remedy }], 'declined');
  }
}
