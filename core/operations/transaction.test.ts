import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, Operation, Step } from './entries.ts';
import { isInMaintenance, lastOperation, nextStep, stepsOf, wasStarted } from './transaction.ts';

/** A small model of a server: only what the steps change. */
interface World {
  link: 'old' | 'new' | null;
  running: 'old' | 'new' | null;
  /** Which version wrote the data last; a half-started new program may already have migrated it. */
  data: 'old' | 'new';
  snapshot: 'none' | 'half' | 'whole';
  /** Whether a request from outside was accepted while the data could still be rolled back. */
  lost: boolean;
}

class PowerCut extends Error {}

const full: Operation = { id: 'op', service: 's', from: 'old', to: 'new', touchesPrograms: true };
const at = '2026-01-01T00:00:00Z';

/** How far a step gets before the power fails. */
type Cut = 'before' | 'begun' | 'half' | 'effect' | 'written';

class Machine {
  journal: Entry[] = [{ entry: 'open', at, operation: full }];
  world: World = { link: 'old', running: 'old', data: 'old', snapshot: 'none', lost: false };
  failing: Step | undefined;
  cuts: { point: number; cut: Cut }[] = [];
  point = 0;

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
      else if (move.move === 'finish')
        this.append({ entry: 'finished', at, op: 'op', outcome: move.outcome });
      else {
        this.append({ entry: move.move, at, op: 'op', step: move.step });
        if (cut === 'begun') throw new PowerCut();
        if (cut === 'half') {
          this.effect(move.move, move.step, true);
          throw new PowerCut();
        }
        if (move.move === 'do' && move.step === this.failing) {
          this.effect('do', move.step, true);
          this.append({ entry: 'failed', at, op: 'op', step: move.step, why: 'it must' });
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
    if (isServing && this.world.running === 'new' && !committed) this.world.lost = true;
  }

  private effect(move: 'do' | 'undo', step: Step, half: boolean): void {
    const { world } = this;
    const entries = lastOperation(this.journal);
    const key = `${move} ${step}`;
    if (key === 'do stop-old') world.running = half ? world.running : null;
    if (key === 'undo stop-old' && !half) world.running = 'old';
    if (key === 'do snapshot') world.snapshot = half ? 'half' : 'whole';
    if (key === 'undo snapshot' && wasStarted(entries)) {
      assert.equal(world.snapshot, 'whole', 'only a whole snapshot may be restored');
      assert.equal(world.running, null, 'nothing runs while data are restored');
      world.data = 'old';
    }
    if (key === 'do switch') world.link = half ? world.link : 'new';
    if (key === 'undo switch') world.link = half ? world.link : 'old';
    if (key === 'do start') {
      assert.equal(world.snapshot, 'whole');
      world.running = 'new';
      world.data = 'new';
    }
    if (key === 'undo start') world.running = half ? world.running : null;
    if (key === 'do leave-maintenance') world.running = 'new';
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
    const side = committed ? 'new' : 'old';
    assert.deepEqual(
      { link: this.world.link, running: this.world.running, data: this.world.data, lost: this.world.lost },
      { link: side, running: side, data: side, lost: false },
      `${label}: all ${side}, never mixed`,
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
  for (const failing of [undefined, ...stepsOf(full)]) {
    for (let point = 1; point <= 20; point++) {
      for (const cut of cuts) {
        const machine = new Machine();
        machine.failing = failing;
        machine.cuts = [{ point, cut }];
        machine.survive();
        machine.judge(`${failing ?? 'good'} ${point} ${cut}`);
        seen++;
      }
    }
  }
  assert.equal(seen, 8 * 20 * 5);
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
