import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SeenStatus } from '../../agent/checks/status.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  email,
  labOptions,
  mailBundle,
  onServer,
  openMailLab,
  server,
  stranger,
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';

/**
 * Mail with a virus scanner. The signatures of ClamAV's makers can't be reached from here, so the test brings one: that of the
 * EICAR test file (eicar.org), which is harmless.
 */
const signatures = '/srv/haven/services/mail/data/signatures';
/** In two halves, so that no scanner takes this file for it. */
const virus = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

before(async () => {
  labOptions.antivirus = true;
  await openMailLab('layer-mail-antivirus', 84);
});
after(closeMailLab);

/** An email with a file. */
function withFile(content: Buffer, { from = stranger, to = 'ada@cloud.example', name = 'invoice.bin' } = {}) {
  const { subject } = email();
  const message = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString()}`,
    `Message-ID: <${subject.replaceAll(' ', '.')}@elsewhere.example>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=part',
    '',
    '--part\r\nContent-Type: text/plain\r\n\r\nHello\r\n--part',
    `Content-Type: application/octet-stream; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"`,
    'Content-Transfer-Encoding: base64\r\n',
    content.toString('base64').replaceAll(/.{76}/g, '$&\r\n'),
    '--part--\r\n',
  ].join('\r\n');
  return { subject, message };
}

/** The answer that decides: the last one. */
const answered = (answers: Awaited<ReturnType<typeof toMx>>) =>
  answers.data ?? answers.rcpt ?? answers.mail ?? answers.ehloAfterTls ?? answers.starttls ?? answers.ehlo;
const received = async (message: string) => answered(await toMx({ to: ['ada@cloud.example'], message }));
const sent = async (message: string) => answered(await submit({ to: ['bob@cloud.example'], message }));
/** RFC 5321 §4.2.1: its sender tries again. */
const waits = (answer: Awaited<ReturnType<typeof received>>) =>
  assert.match(String(answer?.code), /^4\d\d$/, JSON.stringify(answer));
const isAccepted = async () => (await received(email().message))?.code === 250;
const inScanner = (...command: string[]) => onServer('docker', 'exec', container('clamav'), ...command);

test('as long as there are no signatures nothing is accepted, and nothing is lost', async () => {
  for (const answer of [
    await received(email().message),
    await sent(email({ from: 'ada@cloud.example' }).message),
  ])
    assert.match(`${answer?.code} ${answer?.text}`, /^451 4\.7\.1 /);
});

test('once it has signatures, emails arrive', async () => {
  const signature = `Eicar-Test-File:0:*:${Buffer.from(virus.slice(28)).toString('hex')}\n`;
  const write = `cat > ${signatures}/test.ndb && touch ${signatures}/complete && chown 2086:2086 ${signatures}/*`;
  await onMachine(server.id, ['sh', '-c', write], { input: signature });
  await waitUntil('the scanner', isAccepted, { timeoutMs: 120_000, everyMs: 2000 });
  const { subject, message } = withFile(Buffer.from('An ordinary file.'));
  assert.equal((await received(message))?.code, 250);
  assert.match(await arrived('ada', subject), /invoice\.bin/);
  await waitUntil('its health check', async () => {
    const { stdout } = await onServer(
      'docker',
      'inspect',
      '-f',
      '{{.State.Health.Status}}',
      container('clamav'),
    );
    return stdout.trim() === 'healthy';
  });
  const { stdout } = await inScanner('sh', '-c', 'grep VmHWM /proc/$(pgrep -x clamd)/status');
  console.log(`clamd with one signature, most memory so far: ${stdout.trim()}`);
});

test('an email with a virus is refused with its name: from outside, from a user, and in an archive', async () => {
  const zip = `import base64, io, sys, zipfile
inner = sys.stdin.buffer.read()
for name in ('inner', 'outer'):
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, inner)
    inner = file.getvalue()
print(base64.b64encode(inner).decode())`;
  const { stdout } = await visitor.run(['python3', '-c', zip], { input: virus });
  const archive = Buffer.from(stdout, 'base64');
  assert.ok(archive.length > 100);
  const from = 'ada@cloud.example';
  for (const [who, answer] of [
    ['outside', await received(withFile(Buffer.from(virus)).message)],
    ['outside, packed twice', await received(withFile(archive).message)],
    ['outside, as text', await received(email({ body: virus }).message)],
    ['a user', await sent(withFile(Buffer.from(virus), { from, to: 'bob@cloud.example' }).message)],
  ] as const) {
    assert.equal(answer?.code, 550, `${who}: ${JSON.stringify(answer)}`);
    assert.match(answer.text, /The virus scanner found Eicar-Test-File\S* in this email/, who);
  }
  const { subject, message } = withFile(Buffer.from('clean'), { from, to: 'bob@cloud.example' });
  assert.equal((await sent(message))?.code, 250);
  await arrived('bob', subject);
});

test('the largest email is scanned to its end', async () => {
  // Postfix takes 35 MiB, and base64 is a third larger than what it stands for.
  const large = Buffer.concat([Buffer.alloc(26_000_000, 'An ordinary line of text.\n'), Buffer.from(virus)]);
  const answer = await received(withFile(large).message);
  assert.equal(answer?.code, 550, JSON.stringify(answer));
});

test('the server says how old its signatures are', async () => {
  const states = async () => (await server.agent(['list'])) as ServiceState[];
  const madeAt = async () => (await states()).find(({ service }) => service === 'mail')?.signaturesMadeAt;
  assert.equal(await madeAt(), undefined, 'the signature of this test has no date');
  const seconds = Math.floor(Date.now() / 1000) - 9 * 86_400;
  const file = `${signatures}/daily.cvd`;
  const write = `umask 077 && printf 'ClamAV-VDB:20 Nov 2026 04-24 -0500:1:1:90:a:b:c:%-450s' ${seconds} > ${file} && chown 2086:2086 ${file}`;
  await onServer('sh', '-c', write);
  try {
    assert.equal(await madeAt(), seconds * 1000);
    const { signatures: seen } = (await server.agent(['status-write'])) as SeenStatus;
    assert.deepEqual(seen, [{ service: 'mail', madeAt: seconds * 1000 }]);
  } finally {
    await onServer('rm', file);
  }
});

test('while clamd is away, or all of the scanner is, nothing is accepted, and then it is', async () => {
  const { subject, message } = email();
  // The milter still runs.
  await inScanner('pkill', '-9', 'clamd');
  waits(await received(message));
  await waitUntil('the scanner, started again', isAccepted, { timeoutMs: 400_000, everyMs: 2000 });
  await onServer('docker', 'stop', container('clamav'));
  try {
    waits(await received(message));
    assert.equal((await copies('ada', subject)).length, 0);
  } finally {
    await onServer('docker', 'start', container('clamav'));
  }
  await waitUntil('the scanner', async () => (await received(message))?.code === 250, {
    timeoutMs: 120_000,
    everyMs: 2000,
  });
  await arrived('ada', subject);
});

test('with the option off there is no scanner, and emails are accepted', async () => {
  const { outcome, entries } = await server.apply(mailBundle('off', { antivirus: false }));
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  const { stdout } = await onServer('docker', 'ps', '-a', '--format', '{{.Names}}');
  assert.doesNotMatch(stdout, /haven-mail-clamav/);
  assert.ok(await isAccepted());
});
