import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntil } from '../../system/wait-until.ts';
import { Hostile } from '../support/hostile.ts';
import { MailJudges } from '../support/mail-judges.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  email,
  onServer,
  openMailLab,
  passwords,
  server,
  stranger,
  toMx,
  visitor,
} from '../support/mail-lab.ts';
import {
  bombScript,
  chunksScript,
  injectScript,
  largeScript,
  onVisitor,
  recipientsScript,
  slowScript,
  smuggleScript,
} from '../support/mail-scripts.ts';

/** What strangers may try, from a computer elsewhere. Mail has to live, and to go on serving others. */
let slow: Promise<{ ended: number; seconds: number }>;
before(async () => {
  await openMailLab('layer-mail-hostile', 61, ['hostile-reader']);
  const { outcome } = await server.apply(server.bundle('hostile-reader'));
  assert.equal(outcome, 'committed');
  await new MailJudges(visitor).publish([
    `cloud.example. TXT "v=spf1 ip4:${server.ipv4} ip6:${server.ipv6} -all"`,
    '_dmarc.cloud.example. TXT "v=DMARC1; p=reject"',
  ]);
  startedAt = await starts();
  // It takes as long as a command may, and is looked at last.
  const order = { host: server.ipv4, connections: 5, every: 30, longest: 480 };
  slow = onVisitor(slowScript, order, 600_000);
  slow.catch(() => undefined);
});
after(closeMailLab);

let startedAt = '';
/** When each program started, and how often Docker had to start it again. */
const starts = async (): Promise<string> => {
  const names = ['postfix', 'rspamd', 'dovecot', 'valkey', 'unbound'].map(container);
  const format = '{{.Name}} {{.State.StartedAt}} {{.RestartCount}} {{.State.OOMKilled}}';
  return (await onServer('docker', 'inspect', '-f', format, ...names)).stdout;
};
/** That an ordinary email arrives, and every program is the one from the beginning. */
async function mailLives(): Promise<void> {
  const { subject, message } = email();
  const { data } = await toMx({ to: ['ada@cloud.example'], message });
  assert.equal(data?.code, 250, data?.text);
  await arrived('ada', subject);
  assert.equal(await starts(), startedAt);
}
/** The most memory that a container has ever used, in MB (cgroup v2, memory.peak), and its limit. */
async function memory(program: string): Promise<{ peakMb: number; limitMb: number }> {
  const { stdout } = await onServer(
    ...['docker', 'exec', container(program), 'sh', '-c'],
    'cat /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes /sys/fs/cgroup/memory/memory.limit_in_bytes',
  );
  const [peak = 0, limit = 0] = stdout.trim().split('\n').map(Number);
  return { peakMb: Math.round(peak / 1e6), limitMb: Math.round(limit / 1e6) };
}
const to = 'ada@cloud.example';
const ask = <T>(script: string, order: object = {}) =>
  onVisitor<T>(script, { host: server.ipv4, from: stranger, to, ...order });

test('an email that is too large is refused by its announced size, and by its real one', async () => {
  assert.equal((await toMx({ to: [to], size: 60_000_000 })).mail?.code, 552);
  const { subject, message } = email();
  const { code, text } = await ask<{ code: number; text: string }>(largeScript, { message, megabytes: 60 });
  assert.equal(code, 552, text);
  assert.equal((await copies('ada', subject)).length, 0);
  await mailLives();
});

test('the largest email that is accepted arrives, within the memory of each program', async () => {
  const { subject, message } = email();
  const { code, text } = await ask<{ code: number; text: string }>(largeScript, { message, megabytes: 36 });
  assert.equal(code, 250, text);
  // In the container, since each look at the mailbox from elsewhere would bring all of it.
  const inMailbox = async (command: string) => {
    const doveadm = ['docker', 'exec', container('dovecot'), 'doveadm', '-c', '/etc/haven/dovecot.conf'];
    const which = ['-u', 'ada', 'mailbox', 'Junk', 'subject', subject];
    return (await onServer(...doveadm, command, ...which)).stdout.trim();
  };
  await waitUntil('the email', async () => (await inMailbox('search')) !== '', { timeoutMs: 60_000 });
  await inMailbox('expunge');
  await mailLives();
});

test('what grows when it is unpacked, and thousands of parts, are bounded in memory', async () => {
  const subjects = ['bomb', 'nested', 'flat'].map((each) => `${each} ${process.pid}`);
  const answers = await ask<{ code: number; text: string }[]>(bombScript, { subjects });
  for (const { code, text } of answers) assert.match(String(code), /^(250|55\d)$/, text);
  const { peakMb, limitMb } = await memory('rspamd');
  assert.ok(peakMb > 0 && peakMb <= limitMb, `${peakMb} of ${limitMb} MB`);
  await mailLives();
});

test('ten thousand recipients: the limit answers 452, and nothing grows', async () => {
  const before = await memory('postfix');
  const codes = await ask<Record<string, number>>(recipientsScript, { times: 10_000 });
  assert.equal(codes['250'], 1000, JSON.stringify(codes));
  assert.ok((codes['452'] ?? 0) > 0, JSON.stringify(codes));
  const { peakMb, limitMb } = await memory('postfix');
  assert.ok(peakMb < limitMb && peakMb - before.peakMb < 40, `${before.peakMb}, ${peakMb} of ${limitMb} MB`);
  await mailLives();
});

test('a second email can not be hidden in the first (SMTP smuggling)', async () => {
  const ends = [
    '\n.\n',
    '\r\n.\n',
    '\n.\r\n',
    '\r.\r',
    '\r\n.\r',
    '\r.\r\n',
    '\n.\r',
    '\r\n\0.\r\n',
    '\r\n.\0\r\n',
  ];
  for (const end of ends) {
    const first = email();
    const hidden = email();
    const { text } = await ask<{ text: string }>(smuggleScript, {
      message: first.message,
      end,
      hidden: hidden.message.trimEnd(),
    });
    const accepted = text.match(/queued as/g)?.length ?? 0;
    assert.ok(accepted <= 1, `${JSON.stringify(end)}: ${text}`);
    if (accepted === 1) await arrived('ada', first.subject);
    const found = await copies('ada', hidden.subject);
    assert.ok(
      found.every((each) => each.includes(`Subject: ${first.subject}\r\n`)),
      `${JSON.stringify(end)}: ${found.join('\n')}`,
    );
  }
  // The same with an end that is one, so that the above means something.
  const first = email();
  const hidden = email();
  await ask(smuggleScript, { message: first.message, end: '\r\n.\r\n', hidden: hidden.message.trimEnd() });
  await arrived('ada', first.subject);
});

test('commands that come in the clear with STARTTLS count for nothing', async () => {
  const told = await ask<{ first: string; greeting?: string; rcpt?: string; ended?: string }>(injectScript);
  if (told.greeting === undefined) return assert.match(told.first, /^(220|5\d\d) /);
  assert.match(told.greeting, /^250-mail\.cloud\.example/);
  assert.match(told.rcpt ?? '', /^503 /);
});

test('verdicts in the name of this server are removed, and no other trace of a stranger passes for ours', async () => {
  const { subject, message } = email();
  const forged = [
    'Return-Path: <ada@cloud.example>',
    'Received: from mail.cloud.example (mail.cloud.example [127.0.0.1]) by mail.cloud.example; Sun, 29 Nov 2026 12:00:00 +0000',
    'Authentication-Results: mail.cloud.example; dkim=pass header.d=forged.example',
    'AUTHENTICATION-RESULTS:\r\n mail.cloud.example 1;\r\n spf=pass smtp.mailfrom=forged.example',
    'Authentication-Results: (comment) "mail.cloud.example"; dmarc=pass header.from=forged.example',
    'X-Spamd-Result: forged.example',
    'X-Rspamd-Action: forged.example',
    'X-Spam-Status: No, forged.example',
  ];
  const { data } = await toMx({ to: [to], message: `${forged.join('\r\n')}\r\n${message}` });
  assert.equal(data?.code, 250, data?.text);
  const text = await arrived('ada', subject);
  assert.ok(!text.includes('forged.example'), text);
  assert.equal(text.match(/^Authentication-Results: mail\.cloud\.example;/gm)?.length, 1);
  assert.equal(text.match(/^Return-Path: /gm)?.length, 1);
  assert.ok(text.startsWith(`Return-Path: <${stranger}>`), text);
  const [, first] = text.match(/^Received: from (\S+)/gm) ?? [];
  assert.equal(first, 'Received: from visitor.example');
  assert.ok(text.includes(`[${visitor.ipv4}]`));
});

/** A service that was broken into, on the same server. */
const broken = () =>
  new Hostile({
    machine: server.id,
    onServer: async (script) => (await onServer('sh', '-c', script)).stdout,
  });
/** The addresses that it has. */
const brokenAt = async (): Promise<string[]> => {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  const { stdout } = await onServer('docker', 'inspect', '-f', format, Hostile.container('hostile-reader'));
  return stdout.split(/\s+/).filter(Boolean);
};
const talk = (host: string, commands: string[], port = 25) =>
  broken().order<string[]>('hostile-reader', 'talkToMail', { host, port, commands: ['EHLO x', ...commands] });
const envelope = (from: string, rcpt: string) => [`MAIL FROM:<${from}>`, `RCPT TO:<${rcpt}>`];

test('a container of another service relays nothing, at any address of the server', async () => {
  const bridge = (await brokenAt())[0]?.replace(/\d+$/, '1') ?? '';
  let reached = 0;
  for (const host of [server.ipv4, bridge, '172.30.25.1', '172.30.25.3', 'postfix', 'mail'])
    for (const from of ['ada@cloud.example', stranger, '']) {
      const said = await talk(host, envelope(from, 'victim@victim.example'));
      if (!said[0]?.startsWith('220 ')) break;
      reached += 1;
      assert.match(
        said[3] ?? '',
        /^554 5\.7\.1 .*Relay access denied$/,
        `${from} at ${host}: ${said.join(' / ')}`,
      );
    }
  assert.ok(reached >= 3, 'the public address answers, so that a refusal means something');
  for (const port of [465, 587, 1587, 1588, 10026, 2525]) {
    const said = await talk(server.ipv4, envelope('ada@cloud.example', to), port);
    assert.ok(!said.some((each) => /^250 2\.1\.5/.test(each)), `${port}: ${said.join(' / ')}`);
  }
});

test('what a container of another service sends in the name of a user goes to Junk, unsigned, with its true address', async () => {
  const { subject, message } = email({ from: 'bob@cloud.example' });
  const said = await talk(server.ipv4, [...envelope('bob@cloud.example', to), 'DATA', `${message}.`]);
  assert.match(said[5] ?? '', /^250 /, said.join(' / '));
  const text = await arrived('ada', subject);
  assert.match(text, /dmarc=fail/, text);
  assert.doesNotMatch(text, /^DKIM-Signature:/m);
  const from = /^Received: from x \(\S+ \[([^\]]+)\]\)/m.exec(text)?.[1] ?? text;
  assert.ok((await brokenAt()).includes(from), `${from} is the container`);
  const inbox = await visitor.imap({ host: server.ipv4, user: 'ada', password: passwords.ada });
  assert.ok(!inbox.messages?.some((each) => each.includes(subject)), text);
});

test('nobody asks which addresses exist by VRFY or EXPN', async () => {
  const answers = await toMx({
    raw: [
      ['VRFY', to],
      ['EXPN', 'admins'],
    ],
  });
  for (const command of [`VRFY ${to}`, 'EXPN admins'])
    assert.match(String(answers[command]?.code), /^50[02]$/, answers[command]?.text);
});

test('text outside of ASCII and chunks arrive as they were sent', async () => {
  const { subject, message } = email({ body: 'Grüße, ἀγάπη, 愛' });
  const { first, last } = await ask<{ first: string; last: string }>(chunksScript, { message });
  assert.match(first, /^250 /);
  assert.match(last, /^250 /);
  assert.match(await arrived('ada', subject), /Grüße, ἀγάπη, 愛/);
});

test('clients that send a byte now and then are ended after 5 minutes, and others are served meanwhile', async () => {
  await mailLives();
  const { ended, seconds } = await slow;
  assert.equal(ended, 5);
  assert.ok(seconds > 200 && seconds < 400, `${seconds} s`);
  await mailLives();
});
