import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ServerLock } from '../../agent/server/deploy-lock.ts';
import { stateCalls } from '../../agent/server/state-calls.ts';
import { newestState } from '../../agent/server/state-copies.ts';
import { Layout } from '../../agent/store/layout.ts';
import { AgentRefusal } from '../../components/provider/agent-link.ts';
import { deployLockMs, type LockClaim, type StateBase } from '../../core/operations/deploy-lock.ts';
import { protocol } from '../../core/operations/protocol.ts';
import { numberOf, type ServerStates } from '../../core/operations/state-history.ts';
import { listResources } from '../../stacks/state-content.ts';
import { randomFrom, seedOfThisRun } from '../../test/support/crashes.ts';
import { scratch } from '../../test/support/scratch.ts';
import { StateCopy, type StateLink } from './state-copy.ts';

/** The agent's own code over a folder: a server that two laptops share, and all that was made in its cloud. */
class Server implements StateLink {
  readonly layout: Layout;
  readonly clock = { ms: 0 };
  /** Everything that exists in the cloud. */
  readonly made = new Set<string>();
  readonly stored: string[] = [];
  /** Loses the answer to the next copy that is stored. */
  losesAnswer = false;

  constructor() {
    const root = scratch('server');
    this.layout = new Layout(root, join(root, 'run'));
  }

  async call<T>([command, ...args]: string[], input = ''): Promise<T> {
    const lock = new ServerLock(this.layout, () => this.clock.ms);
    const answer = await stateCalls(this.layout, async () => input, lock)[command!]!(args).catch(
      (error: Error) => {
        throw new AgentRefusal(error.message);
      },
    );
    if (command !== 'state-put') return answer as T;
    this.stored.push((answer as { id: string }).id);
    if (!this.losesAnswer) return answer as T;
    this.losesAnswer = false;
    throw new Error('connection was lost');
  }
}

class Laptop {
  readonly name: string;
  readonly copy: StateCopy;
  readonly folder = scratch('laptop');
  /** The engine's state. */
  resources: string[] = [];
  /** A run that was killed, which the next one here knows. */
  killed: string | undefined;
  readonly #server: Server;

  constructor(name: string, server: Server) {
    this.name = name;
    this.#server = server;
    const stateFolder = join(this.folder, 'state');
    mkdirSync(stateFolder);
    const secrets = {
      // Encrypted twice, nothing is the same.
      seal: async (text: string) => Buffer.from(`${Math.random()}|${text}`),
      unseal: async (sealed: Uint8Array) =>
        Buffer.from(sealed)
          .toString()
          .replace(/^[^|]*\|/, ''),
    };
    this.copy = new StateCopy({ stateFolder, secrets }, this);
  }

  async exportState(): Promise<string> {
    const resources = this.resources.map((id) => ({ urn: `urn::${id}`, id, type: 'hcloud:index/x:X' }));
    return JSON.stringify({ version: 3, deployment: { resources } });
  }

  async importState(text: string): Promise<void> {
    this.resources = listResources(text).map((each) => each.id);
  }

  make(id: string): void {
    this.#server.made.add(id);
    this.resources.push(id);
  }

  take(run: string, state: StateBase | null): Promise<ServerStates> {
    const claim: LockClaim = { run, holder: this.name, speaks: protocol, state, agent: null };
    return this.#server.call(['deploy-lock-take', JSON.stringify(claim)]);
  }

  /** One `haven up`, with a pause wherever it may be cut off. */
  async *deploy(run: string, makes: number): AsyncGenerator<string, 'done'> {
    if (this.killed !== undefined) await this.#server.call(['deploy-lock-release', this.killed]);
    this.killed = undefined;
    try {
      const states = await this.take(run, null);
      yield 'locked';
      const { base } = await this.copy.follow(states, this.#server, () => undefined);
      yield 'state read';
      await this.take(run, base);
      yield 'changing';
      for (let each = 1; each <= makes; each++) {
        this.make(`${run}.${each}`);
        yield 'made';
      }
      await this.copy.send(this.#server, run, base);
      yield 'stored';
      return 'done';
    } finally {
      // A run that is killed does not get here: it is never asked for its next step.
      await this.#server.call(['deploy-lock-release', run]);
    }
  }

  /** A whole `haven up`, without a break. */
  async up(run: string, makes = 1): Promise<void> {
    for await (const _ of this.deploy(run, makes));
  }
}

/** What the server's newest copy lists. */
async function newest(server: Server, laptop: Laptop): Promise<string[]> {
  const id = newestState(server.layout);
  assert.ok(id, 'the server has a copy');
  return listResources(await laptop.copy.open(id, server)).map((each) => each.id);
}

const keptFiles = ({ folder }: Laptop): string[] => {
  const kept = join(folder, 'kept-states');
  return readdirSync(kept).map((name) => readFileSync(join(kept, name), 'utf8'));
};

test('two laptops, one clock a day ahead, thirty interrupted deploys: one history, nothing made is forgotten', async (t: TestContext) => {
  const seed = seedOfThisRun();
  t.diagnostic(`HAVEN_SEED=${seed}`);
  const random = randomFrom(seed);
  const below = (count: number) => Math.floor(random() * count);
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  const server = new Server();
  const laptops = [new Laptop('ada@laptop', server), new Laptop('ben@desk', server)];
  const running = new Map<Laptop, { run: string; steps: AsyncGenerator<string, 'done'> }>();
  const ends: Record<string, number> = {};
  const end = (laptop: Laptop, how: string): void => {
    running.delete(laptop);
    ends[how] = (ends[how] ?? 0) + 1;
  };
  /** Deploys that were typed, and those of them that were not refused at once. */
  let asked = 0;
  let begun = 0;
  while (begun < 30 || running.size > 0) {
    const laptop = laptops[below(2)]!;
    t.mock.timers.setTime(server.clock.ms + (laptop === laptops[0] ? 86_400_000 : 0));
    // A lid that is closed for longer than the lock lasts.
    server.clock.ms += below(12) === 0 ? deployLockMs + 1 : below(5000);
    const active = running.get(laptop);
    if (!active) {
      if (begun >= 30) continue;
      asked += 1;
      const run = `run-${asked}`;
      running.set(laptop, { run, steps: laptop.deploy(run, 1 + below(3)) });
      continue;
    }
    if (below(9) === 0) {
      laptop.killed = active.run;
      end(laptop, 'killed');
      continue;
    }
    if (below(8) === 0) server.losesAnswer = true;
    const before = server.stored.length;
    try {
      const step = await active.steps.next();
      if (step.value === 'locked') begun += 1;
      if (step.done) end(laptop, 'done');
    } catch (error) {
      assert.match(
        (error as Error).message,
        /is changing this server|was interrupted before its state|changed from elsewhere|connection was lost/,
      );
      end(laptop, 'refused');
    }
    server.losesAnswer = false;
    if (server.stored.length > before)
      assert.deepEqual(new Set(await newest(server, laptop)), server.made, 'nothing made is forgotten');
  }
  t.diagnostic(JSON.stringify(ends));
  // Each comes back once more; who was interrupted comes first.
  server.clock.ms += deployLockMs;
  for (const round of ['a', 'b'])
    for (const [index, laptop] of laptops.entries())
      await laptop.up(`end-${round}${index}`).catch((error: Error) => {
        assert.equal(round, 'a', error.message);
        assert.match(error.message, /was interrupted before its state/);
      });
  assert.deepEqual(
    server.stored.map(numberOf),
    server.stored.map((_, index) => index + 1),
  );
  for (const laptop of laptops) {
    await laptop.up(`last-${laptop.name}`);
    assert.deepEqual(new Set(laptop.resources), server.made);
  }
  assert.deepEqual(new Set(await newest(server, laptops[0]!)), server.made);
});

function twoLaptops() {
  const server = new Server();
  return { server, ada: new Laptop('ada@laptop', server), ben: new Laptop('ben@desk', server) };
}

test('a folder takes the newer state of another one, and keeps its own beside', async () => {
  const { server, ada, ben } = twoLaptops();
  await ada.up('run-1');
  await ben.up('run-2');
  await ada.up('run-3');
  assert.deepEqual(ada.resources, ['run-1.1', 'run-2.1', 'run-3.1']);
  assert.deepEqual(await newest(server, ben), ada.resources);
  assert.match(keptFiles(ada).join(), /run-1\.1/);
});

test('who was interrupted goes on, and another folder waits for that', async () => {
  const { server, ada, ben } = twoLaptops();
  await ada.up('run-1');
  await ben.up('run-2');
  const cut = ada.deploy('run-3', 2);
  for (let step = 0; step < 4; step++) await cut.next();
  server.clock.ms += deployLockMs;
  await assert.rejects(
    ben.up('run-4'),
    /ada@laptop began to change this cloud.*Nothing was changed.*In that folder, run: haven up .*haven state use server/s,
  );
  await ada.up('run-5');
  await ben.up('run-6');
  assert.deepEqual(ben.resources, ['run-1.1', 'run-2.1', 'run-3.1', 'run-5.1', 'run-6.1']);
});

test('changes that were never sent are not overwritten once the cloud went on without them', async () => {
  const { server, ada, ben } = twoLaptops();
  await ada.up('run-1');
  const cut = ada.deploy('run-2', 1);
  for (let step = 0; step < 4; step++) await cut.next();
  server.clock.ms += deployLockMs;
  await server.call(['state-forget-unsent', 'run-3']);
  await ben.up('run-3');
  await assert.rejects(
    ada.up('run-4'),
    /changes that were never sent.*changed from elsewhere \(copy 2-.*Nothing was changed.*haven state show/s,
  );
  assert.deepEqual(ada.resources, ['run-1.1', 'run-2.1']);

  await ada.copy.overrule(await server.call(['state-look']), server, 'run-5', () => undefined);
  assert.deepEqual(await newest(server, ada), ['run-1.1', 'run-2.1']);
  assert.match(keptFiles(ada).join(), /run-3\.1/, 'what is replaced is kept');
  await ben.up('run-6');
  assert.deepEqual(ben.resources, ['run-1.1', 'run-2.1', 'run-6.1']);
});

test('a copy that arrived without an answer is known as our own', async () => {
  const { server, ada } = twoLaptops();
  server.losesAnswer = true;
  await assert.rejects(ada.up('run-1'), /connection was lost/);
  await ada.up('run-2');
  assert.deepEqual(server.stored.map(numberOf), [1, 2]);
  assert.deepEqual(await newest(server, ada), ['run-1.1', 'run-2.1']);
});

test('a state that a refused copy is of is kept in a file', async () => {
  const { server, ada, ben } = twoLaptops();
  await ben.up('run-1');
  ada.make('run-2.1');
  await assert.rejects(
    ada.copy.send(server, 'run-2', { place: '3fa9c1d2', basedOn: null }),
    /the copy was refused, and was kept in .*1\.json.*changed from elsewhere/,
  );
  assert.match(keptFiles(ada)[0]!, /run-2\.1/);
});
