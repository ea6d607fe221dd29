import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import type { AlarmList } from '../../agent/alarms/alarm-commands.ts';
import type { AlarmOrder } from '../../agent/alarms/alarm-order.ts';
import { bundleAgent } from '../../agent/build.ts';
import type { SeenState, SeenStatus } from '../../agent/checks/status.ts';
import { renderLine } from '../../agent/store/journal.ts';
import { smtpServerOf } from '../../core/config/sending.ts';
import { run } from '../../system/run.ts';
import { datedCertificate } from '../support/dated-certificate.ts';
import { RemoteReceiver } from '../support/remote-receiver.ts';
import { scratch } from '../support/scratch.ts';

/**
 * Each kind of alarm: something breaks, and a receiver in another network is told, once, and once more when it is good
 * again. The agent runs as the server runs it, as root without any capability; the volume is a btrfs, and certificates
 * are served. Only systemd's answers are written by the test, and what haven-status.timer saw.
 */
const folder = scratch('server');
const volume = join(folder, 'volume');
const name = 'www.cloud.example';
const failed = join(folder, 'failed-units');
const fail2ban = join(folder, 'fail2ban');
let receiver: RemoteReceiver;
let web: Server;
let seen: SeenState = 'up';
let seenData: SeenStatus['data'] = [];
let seenSignatures: SeenStatus['signatures'];

before(async () => {
  receiver = await RemoteReceiver.start();
  writeFileSync(join(folder, 'agent.cjs'), await bundleAgent());
  writeFileSync(
    join(folder, 'systemctl'),
    `#!/bin/sh\n[ "$1" = show ] && exec cat ${fail2ban}\ncat ${failed}\n`,
  );
  writeFileSync(failed, '');
  writeFileSync(fail2ban, 'ActiveState=active\nInvocationID=1\n');
  chmodSync(join(folder, 'systemctl'), 0o755);
  mkdirSync(volume);
  const image = join(folder, 'volume.img');
  writeFileSync(image, '');
  truncateSync(image, 1024 ** 3);
  await run('mkfs.btrfs', ['--quiet', image]);
  await run('mount', ['-o', 'loop', image, volume]);
  for (const each of ['journal', 'status', `certs/${name}`])
    mkdirSync(join(volume, each), { recursive: true });
  web = createServer(await datedCertificate(name, { agoDays: 30, leftDays: 60 }));
  await new Promise<void>((resolve) => web.listen(443, '127.0.0.1', resolve));
  const order: AlarmOrder = {
    ways: { cloud: 'cloud.example', ntfy: { server: receiver.url }, webhook: true, secrets: {} },
    secrets: {
      'alarm-ntfy-topic': 'secret-topic',
      'alarm-ntfy-token': 'tk_secret',
      'alarm-webhook': `${receiver.url}/hook`,
    },
  };
  await agent('alarm-put', JSON.stringify(order));
});
after(async () => {
  web?.close();
  try {
    await receiver?.remove();
  } finally {
    await run('umount', [volume]);
  }
});

async function agent<T>(command: string, input = ''): Promise<T> {
  const withoutRights = ['--bounding-set', '-all', '--inh-caps', '-all'];
  const program = [process.execPath, join(folder, 'agent.cjs'), command];
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    HAVEN_ROOT: volume,
    HAVEN_ALARMS: join(folder, 'alarms'),
  };
  return JSON.parse((await run('setpriv', [...withoutRights, ...program], { input, env })).stdout) as T;
}

async function look(times: number): Promise<void> {
  for (let each = 0; each < times; each++) {
    const services = [{ id: 'gitea', state: seen }];
    const status = { at: new Date().toISOString(), services, data: seenData, signatures: seenSignatures };
    writeFileSync(join(volume, 'status/status.json'), JSON.stringify(status));
    await agent('alarm-run');
  }
}

/** What ntfy got. The webhook must have got the same. */
function told(): string[] {
  const got = receiver.take();
  const texts = got.filter(({ path }) => path === '/secret-topic').map(({ body }) => body);
  const hooks = got
    .filter(({ path }) => path === '/hook')
    .map(({ body }) => JSON.parse(body) as { text: string });
  assert.equal(hooks.length, texts.length, 'both ways are told');
  for (const [index, { text }] of hooks.entries()) assert.ok(text.endsWith(texts[index]!));
  return texts;
}

type Work = () => unknown;

/** Breaks something, sees it told once, repairs it, and sees that told once. */
async function tells(alarm: RegExp, { sabotage, repair }: { sabotage: Work; repair: Work }): Promise<void> {
  await look(2);
  assert.deepEqual(told(), [], 'all is good before');
  await sabotage();
  await look(4);
  const [text = '', ...more] = told();
  assert.match(text, alarm);
  assert.deepEqual(more, [], 'it is told once');
  assert.match(text, /[Rr]un: haven /, 'it says what to run');
  await repair();
  await look(3);
  const [good = '', ...others] = told();
  assert.match(good, /^Good again\. /);
  assert.match(good, alarm);
  assert.deepEqual(others, [], 'that is told once, too');
}

test('a test message leaves the server by each way, with the token', async () => {
  assert.deepEqual(await agent('alarm-test'), [
    { way: 'ntfy', status: 200 },
    { way: 'webhook', status: 200 },
  ]);
  const got = receiver.take();
  const ntfy = got.find(({ path }) => path === '/secret-topic');
  assert.equal(ntfy?.headers.authorization, 'Bearer tk_secret');
  assert.equal(ntfy?.headers.title, 'cloud.example: test');
  assert.ok(
    got.some(({ path, headers }) => path === '/hook' && headers['content-type'] === 'application/json'),
  );
});

test('a service that is unhealthy is told; one that is stopped or being changed is not', async () => {
  await tells(/gitea does not work: not all of its containers are up and healthy/, {
    sabotage: () => {
      seen = 'down';
    },
    repair: () => {
      seen = 'up';
    },
  });
  for (const state of ['off', 'changing'] as const) {
    seen = state;
    await look(4);
    assert.deepEqual(told(), [], state);
  }
  seen = 'up';
});

const journal = join(volume, 'journal/elder.jsonl');

test('a change that takes longer than 15 minutes is told', async () => {
  const at = new Date(Date.now() - 20 * 60_000).toISOString();
  const operation = { id: '1', service: 'elder', from: null, to: 'a'.repeat(64), touchesPrograms: true };
  await tells(/A change of elder has been running for more than 15 minutes/, {
    sabotage: () => writeFileSync(journal, renderLine({ entry: 'open', at, operation })),
    repair: () => rmSync(journal),
  });
});

test('a journal that is damaged is told', async () => {
  await tells(/The journal of elder can't be read/, {
    sabotage: () => writeFileSync(journal, 'damaged\n00000000 {}\n'),
    repair: () => rmSync(journal),
  });
});

test('a volume that is 80 % full is told', async () => {
  const filler = join(volume, 'filler');
  await tells(/The volume is 8\d % full/, {
    sabotage: async () => {
      await run('fallocate', ['-l', '800M', filler]);
      await run('sync', ['-f', volume]);
    },
    repair: async () => {
      rmSync(filler);
      await run('btrfs', ['filesystem', 'sync', volume]);
    },
  });
});

test('data that takes 80 % of its quota is told, with where to raise it', async () => {
  const files = (usedShare: number) => [{ service: 'gitea', name: 'files', usedShare }];
  await tells(/The quota of gitea\/files is 85 % full/, {
    sabotage: () => {
      seenData = files(0.85);
    },
    repair: () => {
      seenData = files(0.5);
    },
  });
});

test('signatures of a virus scanner that are older than a week are told', async () => {
  const daysOld = (days: number) => [{ service: 'mail', madeAt: Date.now() - days * 86_400_000 }];
  seenSignatures = daysOld(6);
  await tells(/The signatures of the virus scanner of mail are 8 days old/, {
    sabotage: () => {
      seenSignatures = daysOld(8);
    },
    repair: () => {
      seenSignatures = daysOld(0);
    },
  });
  seenSignatures = undefined;
});

test('a certificate that is served with less than 10 days left is told, and one that is not served is not', async () => {
  await tells(/The certificate of www\.cloud\.example is valid for [89] more days/, {
    sabotage: async () =>
      web.setSecureContext(await datedCertificate(name, { agoDays: 80.5, leftDays: 9.5 })),
    repair: async () => web.setSecureContext(await datedCertificate(name, { agoDays: 1, leftDays: 89 })),
  });
  web.setSecureContext(await datedCertificate('another.example', { agoDays: 80, leftDays: 1 }));
  await look(3);
  assert.deepEqual(told(), []);
});

test('a timer and a renewal that failed are told; the units of operations and of alarms are not', async () => {
  const list = (unit: string) => `${unit} loaded failed failed What it is\n`;
  await tells(/haven-users\.service failed on the server/, {
    sabotage: () => writeFileSync(failed, list('haven-users.service')),
    repair: () => writeFileSync(failed, ''),
  });
  await tells(/A certificate could not be renewed/, {
    sabotage: () => writeFileSync(failed, list('haven-certificates.service')),
    repair: () => writeFileSync(failed, ''),
  });
  writeFileSync(failed, list('haven-op-gitea.service') + list('haven-alarms.service'));
  await look(3);
  assert.deepEqual(told(), []);
  writeFileSync(failed, '');
});

test('fail2ban that does not run is told', async () => {
  await tells(/Failed logins are not counted, because fail2ban is not running/, {
    sabotage: () => writeFileSync(fail2ban, 'ActiveState=failed\nInvocationID=1\n'),
    repair: () => writeFileSync(fail2ban, 'ActiveState=active\nInvocationID=2\n'),
  });
});

test('what a receiver missed while it was away is told when it is back, and known until then', async () => {
  await receiver.fall();
  seen = 'down';
  await look(4);
  const { receivers, alarms } = await agent<AlarmList>('alarm-list');
  assert.deepEqual(
    receivers.map(({ way, failing }) => [way, failing?.why]),
    [
      ['ntfy', 'nothing listens at its address'],
      ['webhook', 'nothing listens at its address'],
    ],
  );
  assert.deepEqual(
    alarms.map(({ subject }) => subject),
    ['gitea'],
  );
  await receiver.listen();
  await look(2);
  assert.match(told().join('|'), /^gitea does not work[^|]*$/);
  seen = 'up';
  await look(3);
  assert.match(told().join('|'), /^Good again\.[^|]*$/);
  const later = await agent<AlarmList>('alarm-list');
  assert.deepEqual([later.alarms, later.receivers], [[], [{ way: 'ntfy' }, { way: 'webhook' }]]);
});

test('an email goes to the owner with the account of the cloud, and a refused password is named', async (t) => {
  const tls = await datedCertificate('localhost', { agoDays: 1, leftDays: 30 });
  mkdirSync(join(volume, 'trust'));
  writeFileSync(join(volume, 'trust/roots.pem'), tls.cert);
  const emails: string[] = [];
  const mail = new SMTPServer({
    ...tls,
    onAuth: ({ password }, _session, callback) =>
      password === 'right' ? callback(null, { user: 'u' }) : callback(new Error('Invalid credentials')),
    onData: (stream, { envelope }, callback) => {
      let text = envelope.rcptTo.map(({ address }) => `${address}\n`).join('');
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        emails.push(text);
        callback();
      });
    },
  });
  mail.on('error', () => undefined);
  const { port } = await new Promise<AddressInfo>((resolve) => {
    const server = mail.listen(0, '127.0.0.1', () => resolve(server.address() as AddressInfo));
  });
  t.after(() => new Promise<void>((resolve) => mail.close(resolve)));
  const sending = { host: 'localhost', port, user: 'u', from: 'cloud@example.com' };
  const owner = { name: 'Ada', email: 'ada@example.com' };
  const put = (password: string) => {
    const email = { to: owner.email, account: smtpServerOf(sending, 'cloud.example', owner) };
    const order: AlarmOrder = {
      ways: { cloud: 'cloud.example', email, secrets: {} },
      secrets: { 'sending-password': password },
    };
    return agent('alarm-put', JSON.stringify(order));
  };
  await put('right');
  assert.deepEqual(await agent('alarm-test'), [{ way: 'email' }]);
  assert.match(emails[0] ?? '', /^ada@example\.com\n[\s\S]*^Subject: cloud\.example: test\r?$/m);
  await put('wrong');
  const [refused] = await agent<{ refusal?: { why: string; fix: string } }[]>('alarm-test');
  assert.match(refused?.refusal?.why ?? '', /535/);
  assert.match(refused?.refusal?.fix ?? '', /haven secret set sending-password/);
  assert.doesNotMatch(JSON.stringify(refused), /wrong/);
});
