import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type DkimPrivateKeys,
  dkimKeys,
  dkimName,
  dkimPublicKeys,
  dkimText,
  ed25519Text,
  generateDkimKey,
  generateEd25519Key,
} from '../../core/mail/dkim-key.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  closeMailLab,
  email,
  mailBundle,
  openMailLab,
  server,
  stranger,
  submit,
  visitor,
} from '../support/mail-lab.ts';

/** Email that is signed twice: by RSA, which everyone can check, and by Ed25519 (RFC 8463). dkimpy judges both. */
const domain = 'cloud.example';
const keys: DkimPrivateKeys = {
  [domain]: { ...generateDkimKey('2026a'), ed25519: generateEd25519Key('2026a-ed25519') },
  'second.example': generateDkimKey('2026a'),
};
const { ed25519, ...rsa } = dkimPublicKeys(keys)[domain]!;
const second = dkimPublicKeys(keys)['second.example']!;
/** What the plan would put into DNS. */
const records = {
  [dkimName(domain, rsa.selector)]: dkimText(rsa),
  [dkimName(domain, ed25519!.selector)]: ed25519Text(ed25519!),
  [dkimName('second.example', second.selector)]: dkimText(second),
};

before(async () => {
  await openMailLab('layer-mail-ed25519', 72);
  await deploy(true);
});
after(closeMailLab);

async function deploy(ed25519: boolean): Promise<void> {
  const bundle = mailBundle(String(ed25519), { ed25519 });
  bundle.release.secrets[dkimKeys]!.generation = 2;
  const given = [{ name: dkimKeys, generation: 2, value: JSON.stringify(keys) }];
  assert.equal((await server.apply(bundle, { given })).outcome, 'committed');
}

/** Sends an email, and returns it as another server got it. */
async function sent(from: string): Promise<string> {
  const { subject, message } = email({ from, to: stranger });
  const { data } = await submit({ from, to: [stranger], message });
  assert.equal(data?.code, 250, data?.text);
  return waitUntil('the email at the other server', async () =>
    (await visitor.received()).map(String).find((each) => each.includes(subject)),
  );
}

/** Its signatures, each a header of several lines. */
const signature = /^DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*/gim;

/** Whether each of an email's signatures is valid, by algorithm; each is checked alone. */
async function verdicts(text: string): Promise<Record<string, boolean>> {
  const all = text.match(signature) ?? [];
  const judged = all.map(async (own) => {
    const algorithm = /[\s;]a=([a-z0-9-]+);/.exec(own)?.[1] ?? own;
    const alone = text.replace(signature, (each) => (each === own ? each : ''));
    return [algorithm, await visitor.verify(Buffer.from(alone), records)] as const;
  });
  return Object.fromEntries(await Promise.all(judged));
}

test('what users send has two valid signatures', async () => {
  const text = await sent(`ada@${domain}`);
  assert.deepEqual(await verdicts(text), { 'rsa-sha256': true, 'ed25519-sha256': true });
  const changed = text.replace('Hello', 'Goodbye');
  assert.deepEqual(await verdicts(changed), { 'rsa-sha256': false, 'ed25519-sha256': false });
});

test('a domain that has no second key yet is signed by the first', async () => {
  assert.deepEqual(await verdicts(await sent('ada@second.example')), { 'rsa-sha256': true });
});

test('without the option there is one signature, although the key is kept', async () => {
  await deploy(false);
  assert.deepEqual(await verdicts(await sent(`ada@${domain}`)), { 'rsa-sha256': true });
});
