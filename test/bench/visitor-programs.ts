import assert from 'node:assert/strict';
import { waitUntil } from '../../system/wait-until.ts';
import { visitor } from '../support/mail-lab.ts';

/** What a program on the visitor's computer prints; it must succeed. */
export async function mustOnVisitor(command: string[], timeoutMs = 600_000): Promise<string> {
  const { code, stdout, stderr } = await visitor.run(command, { timeoutMs });
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Takes all email there and keeps none, by postfix's smtp-sink, in place of the visitor's own mail server. */
export async function startSink(): Promise<void> {
  await visitor.run(['pkill', '-f', 'receive.py']);
  const isGone = async () => (await visitor.run(['pgrep', '-f', 'receive.py'])).code === 1;
  await waitUntil("the end of the visitor's mail server", isGone, { timeoutMs: 20_000 });
  await mustOnVisitor(['sh', '-c', '(smtp-sink -c -u postfix 0.0.0.0:25 100 > /tmp/sink 2>&1 &)']);
  const answers = async () => (await visitor.run(['bash', '-c', '< /dev/tcp/127.0.0.1/25'])).code === 0;
  await waitUntil('smtp-sink', answers, { timeoutMs: 20_000 });
}

/** How many emails came there. smtp-sink counts in one line that it writes over: `sess=1 quit=0 mesg=300`. */
export async function emailsAtSink(): Promise<number> {
  const counts = [...(await mustOnVisitor(['cat', '/tmp/sink'])).matchAll(/mesg=(\d+)/g)];
  return Number(counts.at(-1)?.[1] ?? 0);
}
