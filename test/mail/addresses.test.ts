import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import { modifyLdap } from '../support/ldap.ts';
import { MailJudges } from '../support/mail-judges.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  domains,
  email,
  onServer,
  openMailLab,
  passwords,
  records,
  server,
  stranger,
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';

/**
 * Addresses besides those of names, and the mailboxes of removed users, with the real programs: what other servers see is
 * judged from a computer elsewhere. Entries in LDAP are as the agent writes them (layers/aliases.test.ts).
 */
let judges: MailJudges;
before(async () => {
  await openMailLab('layer-mail-addresses', 40);
  judges = new MailJudges(visitor);
});
after(closeMailLab);

const [domain, second] = domains as [string, string];

/** A forward: `members` are users, as `uid=…`, or groups. */
const forward = (address: string, { members = [] as string[], to = [] as string[] }): string =>
  [
    `dn: havenAlias=${address},ou=groups,dc=haven`,
    'changetype: add',
    'objectClass: havenForward',
    `havenAlias: ${address}`,
    ...members.map((member) => `member: ${member}`),
    ...to.map((each) => `havenForwardTo: ${each}`),
    '',
  ].join('\n');
const userDn = (name: string) => `uid=${name},ou=users,dc=haven`;
const remove = (dn: string) => `dn: ${dn}\nchangetype: delete\n`;
const change = (ldif: string) => modifyLdap(server.id, ldif);

/** From another server; answers with the refusal or with 250. */
async function write(to: string, { from = stranger } = {}) {
  const { subject, message } = email({ from, to });
  const { rcpt, data } = await toMx({ from, to: [to], message });
  return { subject, ...(data ?? rcpt ?? assert.fail('the sender is refused')) };
}
async function reaches(to: string, user: 'ada' | 'bob'): Promise<void> {
  const { subject, code, text } = await write(to);
  assert.equal(code, 250, `${to}: ${text}`);
  await arrived(user, subject);
  assert.equal((await copies(user, subject)).length, 1);
}

interface Envelope {
  peer: string;
  from: string;
  to: string[];
}
/** What arrived at the other server, with its envelope. */
async function outside(subject: string): Promise<{ envelope: Envelope; text: string }[]> {
  const script = `import glob, json
for name in glob.glob('/received/*'):
    if not name.endswith('.draft'):
        print(json.dumps({'envelope': json.load(open(name.replace('received', 'envelopes'))), 'text': open(name, 'rb').read().decode()}))`;
  const { stdout } = await visitor.run(['python3', '-c', script]);
  const all = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { envelope: Envelope; text: string });
  return all.filter(({ text }) => text.includes(subject));
}
const arrivedOutside = (subject: string) =>
  waitUntil(`"${subject}" at the other server`, async () => (await outside(subject))[0], {
    timeoutMs: 60_000,
  });

test('a forward reaches users, members of groups and addresses elsewhere, each once', async () => {
  await change(
    [
      'dn: cn=board,ou=groups,dc=haven\nchangetype: add\nobjectClass: groupOfMembers\ncn: board',
      `member: ${userDn('ada')}\nmember: ${userDn('bob')}\n`,
      forward(`club@${domain}`, {
        members: [userDn('ada'), 'cn=board,ou=groups,dc=haven'],
        to: ['other@elsewhere.example'],
      }),
      forward(`all@${second}`, { to: [`club@${domain}`] }),
    ].join('\n'),
  );
  for (const to of [`club@${domain}`, `Club+news@${domain}`, `all@${second}`]) {
    const { subject, code, text } = await write(to);
    assert.equal(code, 250, `${to}: ${text}`);
    for (const user of ['ada', 'bob'] as const) await arrived(user, subject);
    await arrivedOutside(subject);
    for (const user of ['ada', 'bob'] as const) assert.equal((await copies(user, subject)).length, 1);
    assert.equal((await outside(subject)).length, 1);
  }
  assert.equal((await write(`club@${second}`)).code, 550);
});

test('a forward whose users are all removed refuses email', async () => {
  await change(forward(`nobody-left@${domain}`, {}));
  const { code, text } = await write(`nobody-left@${domain}`);
  assert.equal(code, 550, text);
  assert.match(text, /5\.1\.1/);
});

test('what is forwarded arrives with a sender of ours, and its signature is untouched', async () => {
  const { subject, code } = await write(`club@${domain}`);
  assert.equal(code, 250);
  const { envelope, text } = await arrivedOutside(subject);
  assert.match(envelope.from, new RegExp(`^SRS0=[^=]{4}=[^=]+=elsewhere\\.example=friend@${domain}$`));
  assert.equal(envelope.peer, server.ipv4, 'the address that SPF of that domain permits');
  assert.match(text, new RegExp(`^From: <${stranger}>\r$`, 'm'));
  // What stays here keeps the sender that it came with.
  assert.match(await arrived('ada', subject), new RegExp(`^Return-Path: <${stranger}>`));
});

test('what is forwarded has a valid seal of what was seen of it here', async () => {
  const judge = `import json, sys, dkim
order = json.load(sys.stdin)
lookup = lambda name, timeout=5: order['records'].get(name.decode().rstrip('.'), '').encode()
cv, results, comment = dkim.arc_verify(order['message'].encode(), dnsfunc=lookup)
print(json.dumps([cv.decode(), comment]))`;
  const verdict = async (message: string): Promise<string> => {
    const { stdout, stderr } = await visitor.run(['python3', '-c', judge], {
      input: JSON.stringify({ message, records }),
    });
    assert.ok(stdout, stderr);
    return (JSON.parse(stdout) as [string, string]).join(': ');
  };
  const { subject } = await write(`club@${domain}`);
  const { text } = await arrivedOutside(subject);
  const said = await verdict(text);
  assert.match(said, /^pass/, text);
  assert.match(text, new RegExp(`^ARC-Seal:[\\s\\S]*?d=${domain};`, 'm'));
  assert.match(await verdict(text.replace('Hello', 'Goodbye')), /^fail/);
  judged({ behaviour: '12', judge: await judges.named('python3-dkim'), said });
});

test('what a user writes to a forward keeps their own address, and a report of a failure has none', async () => {
  const { subject, message } = email({ from: `ada@${domain}`, to: `club@${domain}` });
  assert.equal((await submit({ to: [`club@${domain}`], message })).data?.code, 250);
  const { envelope, text } = await arrivedOutside(subject);
  assert.equal(envelope.from, `ada@${domain}`);
  assert.ok(await visitor.verify(Buffer.from(text), records), text);
  const report = await write(`club@${domain}`, { from: '<>' });
  assert.equal(report.code, 250, report.text);
  assert.equal((await arrivedOutside(report.subject)).envelope.from, '<>');
});

test('a bounce of what was forwarded comes back to its sender, and a forged address is refused', async () => {
  const { subject } = await write(`club@${domain}`);
  const { envelope } = await arrivedOutside(subject);
  const bounce = await write(envelope.from, { from: '<>' });
  assert.equal(bounce.code, 250, bounce.text);
  const back = await arrivedOutside(bounce.subject);
  assert.deepEqual(back.envelope.to, [stranger]);
  const [, hash = '', rest = ''] = /^SRS0=([^=]{4})=(.*)$/.exec(envelope.from) ?? [];
  const other = [...hash].map((each) => (each === 'a' ? 'b' : 'a')).join('');
  for (const forged of [
    `SRS0=${other}=${rest}`,
    envelope.from.replace('=friend@', '=victim@'),
    envelope.from.replace('elsewhere.example', 'victim.example'),
    `SRS0=${hash}@${domain}`,
  ]) {
    const { code, text } = await write(forged, { from: '<>' });
    assert.equal(code, 550, `${forged}: ${text}`);
  }
  judged({
    behaviour: '13',
    judge: await judges.named('python3-aiosmtpd'),
    said: `MAIL FROM:<${envelope.from}>; its bounce: RCPT TO:<${back.envelope.to.join()}>`,
  });
});

test('a loop over another server ends, and nothing is multiplied', async () => {
  const hops = Array.from(
    { length: 60 },
    (_, hop) => `Received: from a (a [192.0.2.1]) by b with SMTP id ${hop}`,
  );
  const { subject, message } = email({ to: `club@${domain}` });
  const { data } = await toMx({ to: [`club@${domain}`], message: `${hops.join('\r\n')}\r\n${message}` });
  assert.equal(data?.code, 554, data?.text);
  assert.deepEqual(await outside(subject), []);
});

test('a catch-all gets what leads nowhere else in its domain, and nothing else', async () => {
  assert.equal((await write(`whatever@${domain}`)).code, 550);
  await change(forward(`@${domain}`, { members: [userDn('bob')] }));
  try {
    await reaches(`whatever@${domain}`, 'bob');
    for (const to of [`ada@${domain}`, `ada+tag@${domain}`, `ada.lovelace@${domain}`]) {
      const { subject } = await write(to);
      await arrived('ada', subject);
      assert.equal((await copies('bob', subject)).length, 0, to);
    }
    const { code, text } = await write(`whatever@${second}`);
    assert.equal(code, 550, text);
    assert.match(text, /5\.1\.1/);
    // Who gets it can't write in the name of everyone.
    const sent = await submit({
      ...{ user: 'bob', password: passwords.bob, from: `whatever@${domain}`, to: [`ada@${domain}`] },
    });
    assert.equal(sent.rcpt?.code, 553);
    judged({ behaviour: '14b', judge: 'Python smtplib and imaplib', said: `${second}: ${code} ${text}` });
  } finally {
    await change(remove(`havenAlias=@${domain},ou=groups,dc=haven`));
  }
  assert.equal((await write(`whatever@${domain}`)).code, 550);
});

test('an address that a domain must have can be redirected', async () => {
  await change(
    `dn: ${userDn('bob')}\nchangetype: modify\nadd: havenAlias\nhavenAlias: postmaster@${domain}\n`,
  );
  await reaches(`postmaster@${domain}`, 'bob');
  await change(
    `dn: ${userDn('bob')}\nchangetype: modify\ndelete: havenAlias\nhavenAlias: postmaster@${domain}\n`,
  );
});

test('an address of another user that is like a name neither ends that name’s login nor gets its email', async () => {
  await change(`dn: ${userDn('ada')}\nchangetype: modify\nadd: havenAlias\nhavenAlias: bob@${domain}\n`);
  try {
    for (const user of ['bob', `bob@${domain}`]) {
      assert.equal((await submit({ user, password: passwords.bob })).auth?.code, 235, user);
      const seen = await visitor.imap({ host: server.ipv4, user, password: passwords.bob });
      assert.equal(seen.refused, undefined, user);
    }
    assert.equal((await submit({ user: `bob@${domain}`, password: passwords.ada })).auth?.code, 535);
    await reaches(`bob@${domain}`, 'bob');
  } finally {
    await change(`dn: ${userDn('ada')}\nchangetype: modify\ndelete: havenAlias\nhavenAlias: bob@${domain}\n`);
  }
});

test('without its service for senders forwarded email waits, and other email does not', async () => {
  await onServer('docker', 'stop', container('srs'));
  const waiting = await write(`club@${domain}`);
  const { subject, message } = email({ from: `ada@${domain}`, to: stranger });
  try {
    assert.equal(waiting.code, 250, waiting.text);
    await reaches(`ada@${domain}`, 'ada');
    assert.equal((await submit({ to: [stranger], message })).data?.code, 250);
    await arrivedOutside(subject);
    assert.deepEqual(await outside(waiting.subject), []);
  } finally {
    await onServer('docker', 'start', container('srs'));
  }
  await waitUntil(
    'the forwarded email',
    async () => {
      await onServer('docker', 'exec', container('postfix'), 'postqueue', '-f');
      return (await outside(waiting.subject))[0];
    },
    { timeoutMs: 90_000, everyMs: 3000 },
  );
});
