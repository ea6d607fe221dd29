import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { generateSshKey } from '../../core/ssh-key.ts';
import { PlaceFault, type PlaceFaultKind, placeLimits } from '../../system/place-fault.ts';
import { type FilePlace, getFile, listFiles, putFile } from '../../system/place-files.ts';
import type { S3Location } from '../../system/s3-files.ts';
import type { SftpLocation } from '../../system/sftp-files.ts';
import { S3Server } from '../support/s3-server.ts';
import { scratch } from '../support/scratch.ts';
import { SftpServer } from '../support/sftp-server.ts';

/** Single files at a real S3 server and a real SFTP server: what is stored comes back, and each failure has its name. */
let server: S3Server;
let s3: S3Location;
let box: SftpServer;
let sftp: SftpLocation;

before(async () => {
  server = await S3Server.start(scratch('s3'));
  s3 = server.location;
  box = await SftpServer.start(scratch('sftp'));
  sftp = locationOf(box);
});
after(async () => {
  await server.stop();
  await box.stop();
});

function locationOf({ place, key }: SftpServer): SftpLocation {
  const { folder: _, ...at } = place;
  return { ...at, privateKey: key };
}

const places: [string, () => FilePlace][] = [
  ['S3', () => s3],
  ['SFTP', () => sftp],
];
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const large = Buffer.alloc(3_000_000, 'all bytes of it: \0\xff\n');

for (const [name, place] of places) {
  test(`${name}: a file comes back as it was, and the next one takes its place`, async () => {
    for (const path of ['ada.owner.age', 'ä +&/of ada/a&b=c.owner.age']) {
      await putFile(place(), path, large);
      assert.equal(sha256(await getFile(place(), path)), sha256(large));
      await putFile(place(), path, Buffer.from('newer'));
      assert.equal(Buffer.from(await getFile(place(), path)).toString(), 'newer');
    }
  });

  test(`${name}: lists the files that end so, at the top alone`, async () => {
    const names = ['b & <c>.owner.age', 'z.owner.age', 'z.other', 'folder/inner.owner.age'];
    for (const each of names) await putFile(place(), each, Buffer.from('x'));
    const found = await listFiles(place(), '.owner.age');
    assert.deepEqual(found.sort(), ['ada.owner.age', 'b & <c>.owner.age', 'z.owner.age']);
  });
}

test('S3: a storage in another region that ends the connection in the middle of a file gets the file all the same', async (t) => {
  const stored: number[] = [];
  const server = createHttpServer((request, response) => {
    if (request.headers.authorization?.includes('/fsn1/')) {
      let bytes = 0;
      request.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      request.on('end', () => {
        if (request.method === 'PUT') stored.push(bytes);
        response.writeHead(request.method === 'PUT' ? 200 : 404).end();
      });
    } else if (request.method === 'PUT') request.socket.resetAndDestroy();
    else
      response
        .writeHead(400)
        .end('<Error><Code>AuthorizationHeaderMalformed</Code><Region>fsn1</Region></Error>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await putFile({ ...s3, endpoint }, 'ada.owner.age', large);
  assert.deepEqual(stored, [large.length]);
});

test('S3: lists more files than a page has', async () => {
  const many = Array.from({ length: 1003 }, (_, index) => `${index}.many`);
  for (let at = 0; at < many.length; at += 50)
    await Promise.all(many.slice(at, at + 50).map((each) => putFile(s3, each, Buffer.from(each))));
  assert.equal((await listFiles(s3, '.many')).length, many.length);
});

test('SFTP: an interrupted file leaves the one that was there', async () => {
  await putFile(sftp, 'whole.owner.age', Buffer.from('first'));
  writeFileSync(join(box.home, 'whole.owner.age.new'), 'half of it');
  assert.equal(Buffer.from(await getFile(sftp, 'whole.owner.age')).toString(), 'first');
  await putFile(sftp, 'whole.owner.age', Buffer.from('second'));
  assert.equal(Buffer.from(await getFile(sftp, 'whole.owner.age')).toString(), 'second');
  assert.ok(!readdirSync(box.home).includes('whole.owner.age.new'));
});

const faultOf = async (work: () => Promise<unknown>): Promise<{ kind: PlaceFaultKind; detail: string }> => {
  const error = await work().then(
    () => assert.fail('it must fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlaceFault)) throw error;
  return { kind: error.kind, detail: error.detail };
};

const s3Faults: [string, Partial<typeof s3>, PlaceFaultKind][] = [
  ['a wrong secret', { secret: 'another one' }, 'denied'],
  ['an unknown key', { key: 'HAVENTESTHAVENTEST99' }, 'denied'],
  ['a bucket that does not exist', { bucket: 'eve' }, 'no-bucket'],
  ['another region', { region: 'nbg1' }, 'other-region'],
];
for (const [what, change, kind] of s3Faults)
  test(`S3: ${what} is "${kind}", for each request`, async () => {
    const at = { ...s3, ...change };
    const asked = [() => getFile(at, 'a'), () => listFiles(at, 'a'), () => putFile(at, 'a', large)];
    for (const ask of asked) assert.equal((await faultOf(ask)).kind, kind);
  });

const sftpFaults: [string, () => Partial<SftpLocation>, PlaceFaultKind][] = [
  ['a key that was not let in', () => ({ privateKey: generateSshKey('eve').private }), 'key-refused'],
  ['another user', () => ({ user: 'nobody-here' }), 'key-refused'],
  ['another host key', () => ({ hostKey: generateSshKey('eve').public }), 'other-host'],
  ['a host key of another type', () => ({ hostKey: 'ecdsa-sha2-nistp256 AAAA' }), 'other-host'],
];
for (const [what, change, kind] of sftpFaults)
  test(`SFTP: ${what} is "${kind}"`, async () => {
    assert.equal((await faultOf(() => getFile({ ...sftp, ...change() }, 'a'))).kind, kind);
  });

test('a file that does not exist is "no-file"', async () => {
  for (const [, place] of places)
    assert.equal((await faultOf(() => getFile(place(), 'ada/none'))).kind, 'no-file');
});

test('a place that refuses, ends or forgets connections is "unreachable", in words', async (t) => {
  const ending = createServer((socket) => socket.end());
  const silent = createServer(() => undefined);
  const limit = placeLimits.fileMs;
  placeLimits.fileMs = 500;
  t.after(() => {
    placeLimits.fileMs = limit;
    ending.close();
    silent.close();
  });
  for (const server of [ending, silent])
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const portOf = (server: typeof ending) => (server.address() as AddressInfo).port;
  const words: [number, string, string][] = [
    [portOf(ending), 'HOST ended the connection.', 'HOST ended the connection, or does not speak SSH.'],
    [portOf(silent), 'HOST does not answer.', 'HOST does not answer.'],
  ];
  for (const [port, ofS3, ofSftp] of words) {
    const s3At = { ...s3, endpoint: `http://127.0.0.1:${port}` };
    assert.deepEqual(await faultOf(() => getFile(s3At, 'a')), {
      kind: 'unreachable',
      detail: `can't be reached: ${ofS3.replace('HOST', `127.0.0.1:${port}`)}`,
    });
    assert.deepEqual(await faultOf(() => getFile({ ...sftp, port }, 'a')), {
      kind: 'unreachable',
      detail: `can't be reached: ${ofSftp.replace('HOST', '127.0.0.1')}`,
    });
  }
});

test('a storage that is full or overloaded says so', async (t) => {
  let answer: [number, string] = [507, 'InsufficientStorage'];
  const server = createHttpServer((request, response) => {
    request.resume();
    response
      .writeHead(answer[0])
      .end(`<Error><Code>${answer[1]}</Code><Message>No &amp; no.</Message></Error>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const at = { ...s3, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const put = () => faultOf(() => putFile(at, 'a', large));
  assert.equal((await put()).kind, 'full');
  answer = [503, 'SlowDown'];
  assert.deepEqual(await put(), { kind: 'refused', detail: 'SlowDown: No & no.' });
});

test('SFTP: where the user may only read, a file is "denied"', async (t) => {
  const server = await SftpServer.start(scratch('sftp'), { mayWrite: false });
  t.after(() => server.stop());
  const reading = locationOf(server);
  assert.deepEqual(await listFiles(reading, '.owner.age'), []);
  assert.equal((await faultOf(() => putFile(reading, 'ada.owner.age', large))).kind, 'denied');
});
