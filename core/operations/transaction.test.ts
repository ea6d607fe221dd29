import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, Operation, Step, Task } from './entries.ts';
import {
  canEndWithout,
  isAborted,
  isInMaintenance,
  lastOperation,
  nextStep,
  stepsOf,
  stuckAt,
  wasReplaced,
  wasStarted,
} from './transaction.ts';

/** A small model of a server: only what the steps change. */
interface World {
  link: 'old' | 'new' | null;
  running: 'old' | 'new' | null;
  /**
   * Which version wrote the data last; a half-started new program may already have migrated it. `backup`: what a restore
   * put there.
   */
  data: 'old' | 'new' | 'backup' | 'half';
  snapshot: 'none' | 'half' | 'whole';
  /** Whether a request from outside was accepted while the data could still be rolled back. */
  lost: boolean;
}

class PowerCut extends Error {}

const full: Operation = { id: 'op', service: 's', from: 'old', to: 'new', touchesPrograms: true };
const task = (task: Task): Operation => ({ ...full, to: 'old', task });
const backup = task({ kind: 'backup', why: 'nightly' });
const restore = task({ kind: 'restore', source: { backup: 'b1' }, at: '2026-01-01T00:00:00Z' });
const at = '2026-01-01T00:00:00Z';

/** How far a step gets before the power fails. */
type Cut = 'before' | 'begun' | 'half' | 'effect' | 'written';

class Machine {
  readonly operation: Operation;
  journal: Entry[];
  world: World = { link: 'old', running: 'old', data: 'old', snapshot: 'none', lost: false };
  failing: Step | undefined;
  /** The step whose undo fails however often it is tried. */
  cannotUndo: Step | undefined;
  cuts: { point: number; cut: Cut }[] = [];
  point = 0;

  constructor(operation = full) {
    this.operation = operation;
    this.journal = [{ entry: 'open', at, operation }];
  }

  /** What runs, and what is in the data, once the operation is committed. */
  private get wanted(): { release: 'old' | 'new'; data: World['data'] } {
    const { kind } = this.operation.task ?? {};
    if (kind === undefined) return { release: 'new', data: 'new' };
    return { release: 'old', data: kind === 'restore' ? 'backup' : 'old' };
  }

  /** One run of the agent's process: until the end, or until the power fails. */
  live(): void {
    this.append({ entry: 'run', at, op: 'op' });
    for (;;) {
      const entries = lastOperation(this.journal);
      const move = nextStep(entries);
      if (move.move === 'nothing') return;
      this.point++;
      const cut = this.cuts.find((each) => each.point === this.point)?.cut;
      if (cut === 'before') throw new PowerCut();
      if (move.move === 'commit') this.append({ entry: 'commit', at, op: 'op' });
      else if (move.move === 'finish') {
        const { outcome, unwell } = move;
        this.append({ entry: 'finished', at, op: 'op', outcome, ...(unwell ? { unwell } : {}) });
      } else {
        this.append({ entry: move.move, at, op: 'op', step: move.step });
        if (cut === 'begun') throw new PowerCut();
        if (cut === 'half') {
          this.effect(move.move, move.step, true);
          throw new PowerCut();
        }
        if (move.move === 'do' && move.step === this.failing) {
          this.effect('do', move.step, true);
          this.append({ entry: 'failed', at, op: 'op', step: move.step, why: 'it must' });
        } else if (move.move === 'undo' && move.step === this.cannotUndo) {
          if (!isAborted(entries) || !canEndWithout(entries, move.step)) {
            this.append({ entry: 'retry', at, op: 'op', step: move.step, why: "it can't" });
            throw new Error("it can't");
          }
          this.append({ entry: 'undid', at, op: 'op', step: move.step, note: { unwell: "it can't" } });
        } else {
          this.effect(move.move, move.step, false);
          if (cut === 'effect') throw new PowerCut();
          this.append({ entry: move.move === 'do' ? 'did' : 'undid', at, op: 'op', step: move.step });
        }
      }
      if (cut === 'written') throw new PowerCut();
      this.watch();
    }
  }

  private append(entry: Entry): void {
    this.journal.push(entry);
  }

  /** After a reboot every program that was running starts again, including one in trial. */
  private watch(): void {
    const committed = this.journal.some((each) => each.entry === 'commit');
    const isServing = !isInMaintenance(lastOperation(this.journal));
    const started = wasStarted(lastOperation(this.journal));
    const inTrial = this.operation.task
      ? started && this.world.running !== null
      : this.world.running === 'new';
    if (isServing && inTrial && !committed && !this.hasUndone('start')) this.world.lost = true;
  }

  private hasUndone(step: Step): boolean {
    return this.journal.some((each) => each.entry === 'undid' && each.step === step);
  }

  private effect(move: 'do' | 'undo', step: Step, half: boolean): void {
    const { world } = this;
    const entries = lastOperation(this.journal);
    const key = `${move} ${step}`;
    if (key === 'do stop-old') world.running = half ? world.running : null;
    if (key === 'undo stop-old' && !half) world.running = 'old';
    if (key === 'do snapshot') world.snapshot = half ? 'half' : 'whole';
    if (key === 'do replace') {
      assert.equal(world.snapshot, 'whole', 'nothing is replaced before there is a way back');
      assert.equal(world.running, null, 'nothing runs while data is replaced');
      world.data = half ? 'half' : 'backup';
    }
    if (key === 'undo snapshot' && (wasStarted(entries) || wasReplaced(entries))) {
      assert.equal(world.snapshot, 'whole', 'only a whole snapshot may be restored');
      assert.equal(world.running, null, 'nothing runs while data are restored');
      world.data = 'old';
    }
    if (key === 'do switch') world.link = half ? world.link : 'new';
    if (key === 'undo switch') world.link = half ? world.link : 'old';
    if (key === 'do start') {
      assert.equal(world.snapshot, 'whole');
      world.running = this.wanted.release;
      world.data = this.wanted.data;
    }
    if (key === 'undo start') world.running = half ? world.running : null;
    if (key === 'do leave-maintenance') world.running = this.wanted.release;
    this.watch();
  }

  /** Runs until one run reaches the end. */
  survive(): number {
    for (let lives = 1; ; lives++) {
      try {
        this.live();
        return lives;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
    }
  }

  judge(label: string): void {
    const finished = this.journal.filter((each) => each.entry === 'finished');
    assert.equal(finished.length, 1, `${label}: finished once`);
    const committed = this.journal.some((each) => each.entry === 'commit');
    const { release, data } = committed ? this.wanted : ({ release: 'old', data: 'old' } as const);
    assert.deepEqual(
      { link: this.world.link, running: this.world.running, data: this.world.data, lost: this.world.lost },
      { link: release, running: release, data, lost: false },
      `${label}: all ${release}, never mixed`,
    );
    assert.equal(isInMaintenance(lastOperation(this.journal)), false, `${label}: out of maintenance`);
  }
}

const cuts: Cut[] = ['before', 'begun', 'half', 'effect', 'written'];

test('an operation without faults runs its steps, commits and leaves maintenance', () => {
  const machine = new Machine();
  assert.equal(machine.survive(), 1);
  machine.judge('undisturbed');
  const order = machine.journal.flatMap((each) =>
    each.entry === 'did' ? [each.step] : each.entry === 'commit' ? ['commit'] : [],
  );
  assert.deepEqual(order, [
    'prepare',
    'enter-maintenance',
    'stop-old',
    'snapshot',
    'switch',
    'start',
    'check',
    'commit',
    'leave-maintenance',
    'tidy',
  ]);
});

test('any step that fails before the commit undoes everything', () => {
  for (const step of stepsOf(full)) {
    const machine = new Machine();
    machine.failing = step;
    machine.survive();
    machine.judge(`failing ${step}`);
    assert.equal(machine.world.running, 'old');
  }
});

test('one power cut at any point leaves the old or the new release, never a mixture', () => {
  let seen = 0;
  for (const operation of [full, backup, restore]) {
    for (const failing of [undefined, ...stepsOf(operation)]) {
      for (let point = 1; point <= 20; point++) {
        for (const cut of cuts) {
          const machine = new Machine(operation);
          machine.failing = failing;
          machine.cuts = [{ point, cut }];
          machine.survive();
          machine.judge(`${operation.task?.kind ?? 'deploy'} ${failing ?? 'good'} ${point} ${cut}`);
          seen++;
        }
      }
    }
  }
  assert.equal(seen, (8 + 5 + 8) * 20 * 5);
});

test('a restore fetches before it stops anything, and replaces data once there is a way back', () => {
  const machine = new Machine(restore);
  machine.survive();
  const order = machine.journal.flatMap((each) => (each.entry === 'did' ? [each.step] : []));
  assert.deepEqual(order, [
    ...['fetch', 'enter-maintenance', 'stop-old', 'snapshot', 'replace', 'start', 'check'],
    ...['leave-maintenance', 'tidy'],
  ]);
});

test('a backup of a service that its owner stopped stops and starts nothing', () => {
  assert.deepEqual(stepsOf({ ...backup, touchesPrograms: false }), ['snapshot']);
});

test('two power cuts, including one during the undo, leave no mixture', () => {
  for (let first = 1; first <= 10; first++) {
    for (let second = first + 1; second <= first + 10; second++) {
      for (const cut of cuts) {
        for (const again of cuts) {
          const machine = new Machine();
          machine.cuts = [
            { point: first, cut },
            { point: second, cut: again },
          ];
          machine.survive();
          machine.judge(`${first} ${cut}, ${second} ${again}`);
        }
      }
    }
  }
});

/** What an undo that can't succeed does: every run of the agent writes that it tried, and ends. */
function tryInVain(failing: Step): Entry[] {
  const machine = new Machine();
  machine.failing = 'check';
  machine.cannotUndo = failing;
  for (let run = 1; run <= 3; run++) {
    assert.equal(stuckAt(machine.journal), undefined, `after ${run - 1} runs it may still succeed`);
    assert.throws(() => machine.live(), /can't/);
  }
  return machine.journal;
}

test('an undo that failed in three runs is stuck; it can end without what changes no data', () => {
  for (const [step, canEnd] of [
    ['enter-maintenance', true],
    ['stop-old', true],
    ['snapshot', false],
    ['switch', false],
    ['start', false],
  ] as const)
    assert.deepEqual(stuckAt(tryInVain(step)), { step, why: "it can't", canEnd }, step);
});

test('tries of an earlier step are not counted', () => {
  const journal = tryInVain('stop-old');
  journal.push({ entry: 'undid', at, op: 'op', step: 'stop-old' });
  assert.deepEqual(nextStep(journal), { move: 'undo', step: 'enter-maintenance' });
  assert.equal(stuckAt(journal), undefined);
});

test('an aborted operation is undone; its last entry reports what it ends without', () => {
  for (const step of ['stop-old', 'enter-maintenance'] as const) {
    const machine = new Machine();
    machine.journal = tryInVain(step);
    machine.world = { ...machine.world, running: null };
    machine.cannotUndo = step;
    machine.journal.push({ entry: 'abort', at, op: 'op', by: 'ada@laptop' });
    machine.live();
    assert.deepEqual(machine.journal.at(-1), {
      entry: 'finished',
      at,
      op: 'op',
      outcome: 'undone',
      unwell: "it can't",
    });
    assert.equal(isInMaintenance(machine.journal), false, 'visitors are let in again');
    assert.equal(machine.world.data, 'old');
  }
});

test('an operation that is aborted in the middle is undone, or finished once it is committed', () => {
  for (let point = 1; point <= 11; point++) {
    const machine = new Machine();
    machine.cuts = [{ point, cut: 'written' }];
    assert.throws(() => machine.live(), PowerCut);
    machine.journal.push({ entry: 'abort', at, op: 'op', by: 'ada@laptop' });
    machine.live();
    machine.judge(`aborted after ${point}`);
  }
});

test('an aborted operation still has to restore the data', () => {
  const machine = new Machine();
  machine.journal = [...tryInVain('snapshot'), { entry: 'abort', at, op: 'op', by: 'ada@laptop' }];
  machine.cannotUndo = 'snapshot';
  assert.throws(() => machine.live(), /can't/);
  assert.equal(nextStep(machine.journal).move, 'undo');
});

test('after the commit, an aborted operation ends without what is left to do', () => {
  const journal: Entry[] = [
    { entry: 'open', at, operation: full },
    { entry: 'commit', at, op: 'op' },
    { entry: 'do', at, op: 'op', step: 'leave-maintenance' },
  ];
  for (let run = 1; run <= 3; run++)
    journal.push({ entry: 'retry', at, op: 'op', step: 'leave-maintenance', why: "it can't" });
  assert.deepEqual(stuckAt(journal), { step: 'leave-maintenance', why: "it can't", canEnd: true });
});

test('a change of routes that is stuck can end: it changes no data', () => {
  const operation = { ...full, touchesPrograms: false };
  assert.ok(canEndWithout([{ entry: 'open', at, operation }], 'switch'));
  assert.ok(!canEndWithout([{ entry: 'open', at, operation: full }], 'switch'));
});

test('a change of routes stops nothing and takes no snapshot', () => {
  assert.deepEqual(stepsOf({ ...full, touchesPrograms: false }), ['prepare', 'switch', 'check']);
});

test('the journal alone says whether a service is in maintenance', () => {
  const machine = new Machine();
  machine.survive();
  const states = machine.journal.map((_, index) => isInMaintenance(machine.journal.slice(0, index + 1)));
  const closedAt = machine.journal.findIndex(
    (each) => each.entry === 'do' && each.step === 'enter-maintenance',
  );
  const openAt = machine.journal.findIndex(
    (each) => each.entry === 'do' && each.step === 'leave-maintenance',
  );
  assert.deepEqual(
    states,
    machine.journal.map((_, index) => index >= closedAt && index < openAt),
  );
});
