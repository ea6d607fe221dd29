import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  addAda,
  closeRelayLab,
  deployMail,
  judgedEmails,
  mailProgram,
  openRelayLab,
  relay,
  send,
  server,
  setPort25,
  tryNow,
  waitingEmails,
} from '../support/mail-relay-lab.ts';

/**
 * 1,000 emails flow from a mail program to another company while the provider blocks port 25, the owner adds a relay (a deploy),
 * and port 25 is opened again (no deploy). Each that was accepted arrives once, and passes SPF, DKIM and DMARC.
 */
const count = Number(process.env.HAVEN_RELAY_EMAILS ?? 1000);
const lanes = 4;
/** Ada sends more than a user may by default. */
const limits = { recipientsAtOnce: 10 * count, recipientsPerHour: 10 * count };

before(() => openRelayLab('crash-mail-relay', 45));
after(closeRelayLab);

/** Sends emails one after the other, in lanes, and tries again with another one where the server did not take it. */
class Flow {
  readonly accepted: string[] = [];
  /** Of these the mail program does not know whether they were accepted. */
  readonly refused = new Map<string, string>();
  #next = 0;
  #isStopped = false;
  readonly #program = mailProgram(lanes);

  stop(): void {
    this.#isStopped = true;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
    this.#program.close();
  }

  async #lane(): Promise<void> {
    while (this.accepted.length < count && !this.#isStopped) {
      this.#next += 1;
      const subject = `flow ${this.#next}`;
      try {
        await send(this.#program, subject);
        this.accepted.push(subject);
      } catch (error) {
        this.refused.set(subject, error instanceof Error ? error.message : String(error));
        await sleep(1000);
      }
    }
  }

  /** Waits until a share of all was accepted. */
  async until(share: number): Promise<void> {
    await waitUntil(
      `${share * 100} % of the emails to be accepted`,
      async () => this.accepted.length >= count * share,
      { timeoutMs: 600_000 },
    );
  }
}

test('a relay is chosen, used and left while emails flow: each arrives once, judged good', async (t) => {
  await setPort25('open');
  await deployMail(limits);
  await addAda();
  const began = Date.now();
  const flow = new Flow();
  t.after(() => flow.stop());
  const running = flow.run();
  await flow.until(0.2);
  await setPort25('blocked');
  await flow.until(0.35);
  await deployMail({ ...limits, relay });
  assert.equal((await tryNow()).way, 'relay');
  await flow.until(0.65);
  await setPort25('open');
  assert.equal((await tryNow()).way, 'direct');
  await running;
  const sentAfter = Date.now() - began;
  await waitUntil(
    'an empty queue',
    async () => {
      // An email that waits is tried again after as long as it has waited so far.
      await onMachine(server.id, ['docker', 'exec', 'haven-mail-postfix-1', 'postqueue', '-f']);
      return /Mail queue is empty/.test(await waitingEmails());
    },
    { timeoutMs: 900_000, everyMs: 20_000 },
  );
  await waitUntil(
    'all of them',
    async () => {
      const seen = new Set(judgedEmails().map(({ subject }) => subject));
      return flow.accepted.every((subject) => seen.has(subject));
    },
    { timeoutMs: 300_000, everyMs: 5000 },
  );
  // What the relay still has of what was repeated would arrive now.
  await sleep(10_000);
  const arrived = judgedEmails();
  const copies = new Map<string, number>();
  for (const { subject } of arrived) copies.set(subject, (copies.get(subject) ?? 0) + 1);
  const lost = flow.accepted.filter((subject) => !copies.has(subject));
  const doubled = [...copies].filter(([, number]) => number > 1).map(([subject]) => subject);
  const bad = arrived.filter(({ spf, dkim, dmarc }) => spf !== 'pass' || dkim !== 'pass' || dmarc !== 'pass');
  const by = (way: string) => arrived.filter((each) => each.way === way).length;
  t.diagnostic(
    `${flow.accepted.length} accepted in ${Math.round(sentAfter / 1000)} s, ${flow.refused.size} not; ` +
      `${arrived.length} arrived: ${by('direct')} directly, ${by('relay')} by the relay; ` +
      `${lost.length} lost, ${doubled.length} doubled, ${bad.length} judged bad; all after ${Math.round((Date.now() - began) / 1000)} s`,
  );
  for (const each of bad.slice(0, 5)) t.diagnostic(`judged bad: ${JSON.stringify(each)}`);
  for (const [subject, why] of [...flow.refused].slice(0, 5)) t.diagnostic(`${subject}: ${why}`);
  assert.deepEqual(lost, []);
  assert.deepEqual(doubled, []);
  assert.deepEqual(bad, []);
  assert.ok(by('relay') >= count * 0.2 && by('direct') >= count * 0.2, 'both ways were taken');
});
