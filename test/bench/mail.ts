import assert from 'node:assert/strict';
import { waitUntil } from '../../system/wait-until.ts';
import { planMailCloud } from '../support/mail-cloud.ts';
import {
  closeMailLab,
  domains,
  labOptions,
  mailBundle,
  openMailLab,
  passwords,
  server,
  stranger,
} from '../support/mail-lab.ts';
import { type Figure, median, timed } from './figure.ts';
import { startPlainMail } from './plain-mail.ts';
import { plainPorts } from './plain-mail-files.ts';
import { emailsAtSink, mustOnVisitor, startSink } from './visitor-programs.ts';

/** Emails of one measurement, and their size in bytes. */
const load = { count: Number(process.env.HAVEN_MAIL_EMAILS ?? 300), size: 10_240 };
/** How many connections hand them in at once. */
const lanes = 5;
const rounds = 3;

/** Where a mail server is: ours, behind HAProxy, or the plain one. */
interface Place {
  smtp: number;
  submission: number;
  imaps: number;
  /** The container of its Postfix. */
  postfix: string;
}
const ours: Place = { smtp: 25, submission: 587, imaps: 993, postfix: 'haven-mail-postfix-1' };
const plain: Place = { ...plainPorts, postfix: 'plain-mail-postfix-1' };

/**
 * Emails per second, beside the same programs and settings on the host's network without HAProxy: from another server until they
 * are in the mailbox (postfix's smtp-source), and from a mail program until they are at another server, signed (to its smtp-sink). In turns.
 */
export async function benchMail(): Promise<Figure[]> {
  Object.assign(labOptions, { recipientsAtOnce: 100_000, recipientsPerHour: 100_000 });
  await openMailLab('bench-mail', 38);
  try {
    await startPlainMail(mailBundle());
    await startSink();
    const figures: Figure[] = [];
    for (const [what, work] of [
      ['emails of 10 KB per second from another server, until they are in the mailbox', receive],
      ['emails of 10 KB per second from a mail program, signed, until they are at another server', submit],
    ] as const) {
      const taken: Record<'ours' | 'plain', number[]> = { ours: [], plain: [] };
      // One round to fill caches, not counted.
      for (let round = 0; round <= rounds; round++)
        for (const [name, place] of [
          ['ours', ours],
          ['plain', plain],
        ] as const) {
          const ms = await timed(() => work(place));
          if (round > 0) taken[name].push(ms);
        }
      const perSecond = (times: number[]) => load.count / (median(times) / 1000);
      const [mine, other] = [perSecond(taken.ours), perSecond(taken.plain)];
      figures.push({
        what: `${what}, median of ${rounds}`,
        ours: mine.toFixed(1),
        beside: `the same images and settings on the host's network, without HAProxy: ${other.toFixed(1)}`,
        ratio: mine / other,
        limit: { text: 'at least 0.9', holds: mine / other >= 0.9 },
      });
    }
    return [...figures, planning()];
  } finally {
    await closeMailLab();
  }
}

async function receive({ smtp, imaps }: Place): Promise<void> {
  const before = await inMailbox(imaps);
  const words = ['-s', String(lanes), '-m', String(load.count), '-l', String(load.size)];
  const as = ['-M', 'mx.elsewhere.example', '-S', 'load'];
  const to = ['-f', stranger, '-t', `ada@${domains[0]}`, `${server.ipv4}:${smtp}`];
  await mustOnVisitor(['smtp-source', ...words, ...as, ...to]);
  const after = await inMailbox(imaps, before + load.count);
  assert.ok(
    after >= before + load.count,
    `${after - before} of ${load.count} are in the mailbox after five minutes`,
  );
}

let run = 0;
async function submit({ submission, postfix }: Place): Promise<void> {
  const before = await emailsAtSink();
  const order = { do: 'submit', host: server.ipv4, port: submission, user: 'ada', password: passwords.ada };
  const email = { from: `ada@${domains[0]}`, to: stranger, run: ++run, lanes, ...load };
  const { failures } = await python<{ failures: string[] }>({ ...order, ...email });
  assert.deepEqual(failures, []);
  const isThere = async () => (await emailsAtSink()) >= before + load.count;
  await waitUntil(`all at the other server, from ${postfix}`, isThere, { timeoutMs: 300_000, everyMs: 200 });
}

/** How many emails are in the mailbox, once there are `atLeast` so many. */
const inMailbox = async (port: number, atLeast = 0): Promise<number> => {
  const login = { do: 'count', host: server.ipv4, port, user: 'ada', password: passwords.ada, atLeast };
  return (await python<{ count: number }>(login)).count;
};

async function python<T>(order: object): Promise<T> {
  return JSON.parse(await mustOnVisitor(['load.py', JSON.stringify(order)])) as T;
}

/** How the plan of a hundred mail domains compares with that of ten: linear is ten times as much. */
function planning(): Figure {
  const millisecondsOf = (count: number): number => {
    const names = Array.from({ length: count }, (_, n) => `mail${n}.example`);
    const yaml = names.map((name) => ({ name, dns: 'manual' }));
    const once = () => {
      const begun = process.hrtime.bigint();
      planMailCloud({ domains: yaml, receives: names });
      return Number(process.hrtime.bigint() - begun) / 1e6;
    };
    once();
    return median(Array.from({ length: 5 }, once));
  };
  const [one, ten, hundred] = [millisecondsOf(1), millisecondsOf(10), millisecondsOf(100)];
  const ratio = hundred / ten;
  return {
    what: 'the plan as data, 100 mail domains',
    ours: `${hundred.toFixed(1)} ms`,
    beside: `10 domains: ${ten.toFixed(1)} ms; 1: ${one.toFixed(1)} ms`,
    ratio,
    limit: { text: 'at most 12 times that of 10', holds: ratio <= 12 },
  };
}
