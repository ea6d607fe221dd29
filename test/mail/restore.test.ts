import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RestoreOrder } from '../../agent/operations/restore-service.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { labClaim } from '../support/lab.ts';
import { MailJudges } from '../support/mail-judges.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  email,
  mailBundle,
  onServer,
  openMailLab,
  server,
  stranger,
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';

/** Mailboxes of an earlier moment come back; email that was sent since is not sent again, and what waits is still sent. */
let judges: MailJudges;
before(async () => {
  await openMailLab('layer-mail-restore', 39);
  judges = new MailJudges(visitor);
});
after(closeMailLab);

const sent = async (subject: string) =>
  (await judges.deliveries()).filter(({ message }) => message.includes(`Subject: ${subject}\r\n`)).length;
const stopReceiving = () => judges.run('pkill', '-f', 'receive.py');
const receive = () => judges.run('sh', '-c', 'setsid receive.py > /dev/null 2>&1 &');
const tryAgain = () => onServer('docker', 'exec', container('postfix'), 'postqueue', '-f');

/** Sends an email to another server; answers with its subject. */
async function sendOut(): Promise<string> {
  const { subject, message } = email({ from: 'ada@cloud.example', to: stranger });
  const { data } = await submit({ to: [stranger], message });
  assert.equal(data?.code, 250, data?.text);
  return subject;
}

const isSent = (subject: string) =>
  waitUntil(
    `"${subject}" at the other server`,
    async () => {
      await tryAgain();
      return (await sent(subject)) === 1;
    },
    { timeoutMs: 120_000, everyMs: 2000 },
  );

test('a restore brings the mailboxes of that moment, and the queue stays: nothing is sent twice, and nothing is missing', async () => {
  const delivered = email();
  await toMx({ to: ['ada@cloud.example'], message: delivered.message });
  await arrived('ada', delivered.subject);
  await stopReceiving();
  const inSnapshot = await sendOut();
  const deployed = await server.apply(mailBundle('2'));
  assert.equal(deployed.outcome, 'committed', JSON.stringify(deployed.entries));

  await receive();
  await isSent(inSnapshot);
  const later = email();
  await toMx({ to: ['ada@cloud.example'], message: later.message });
  await arrived('ada', later.subject);
  await stopReceiving();
  const waiting = await sendOut();

  const id = `op-${Date.now()}`;
  const task = { kind: 'restore', source: { snapshot: deployed.op }, at: new Date().toISOString() } as const;
  const order: RestoreOrder = { id, service: 'mail', task, claim: labClaim };
  await onMachine(server.id, ['haven-agent', 'restore'], {
    input: JSON.stringify(order),
    timeoutMs: 400_000,
  });
  const last = (await server.closed('mail', id)).at(-1);
  assert.equal(last?.entry === 'finished' ? last.outcome : last?.entry, 'committed');

  assert.equal((await copies('ada', delivered.subject)).length, 1);
  assert.equal((await copies('ada', later.subject)).length, 0, 'the mailbox is that of the snapshot');
  await receive();
  await isSent(waiting);
  assert.equal(await sent(inSnapshot), 1, 'it was sent before the restore, and not again');
});
