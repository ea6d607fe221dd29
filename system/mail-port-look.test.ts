import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { scratch } from '../test/support/scratch.ts';
import { selfSigned } from '../test/support/self-signed.ts';
import { lookAtMailPort } from './mail-port-look.ts';

const host = 'mail.example.org';

/** A certificate for a name; with `trusted`, looks trust it. */
async function certificateFor(context: TestContext, name: string, trusted = true) {
  const { key, cert, certFile } = await selfSigned(name, scratch('mail-port-look'));
  const before = process.env.HAVEN_WEB_TRUST;
  if (trusted) process.env.HAVEN_WEB_TRUST = certFile;
  context.after(() => {
    if (before === undefined) delete process.env.HAVEN_WEB_TRUST;
    else process.env.HAVEN_WEB_TRUST = before;
  });
  return { key, cert };
}

/** The npm package's server on loopback, that takes email for example.org; its port. */
async function smtpServer(context: TestContext, options: SMTPServerOptions): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    onRcptTo: ({ address }, session, done) =>
      done(
        address.endsWith('@example.org') || session.user
          ? null
          : Object.assign(new Error('Relay access denied'), { responseCode: 554 }),
      ),
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return (server.server.address() as AddressInfo).port;
}

const relay = { from: 'ada@example.org', to: 'eve@elsewhere.test' };
const at = { host, address: '127.0.0.1', protocol: 'smtp', timeoutMs: 3000 } as const;

test('STARTTLS: what it offers before and after, its certificate, and that it refuses to relay', async (context) => {
  const port = await smtpServer(context, { ...(await certificateFor(context, host)) });
  const look = await lookAtMailPort({ ...at, port, tls: 'starttls', relay });
  assert.match(look.greeting, /^220 /);
  assert.deepEqual(look.loginsOverTls, ['LOGIN', 'PLAIN']);
  assert.equal(look.certificate?.problem, undefined);
  assert.match(look.certificate?.spkiSha256 ?? '', /^[\da-f]{64}$/);
  assert.match(look.relay ?? '', /^554 /);
});

test('TLS from the start, and a server that relays', async (context) => {
  const options = { ...(await certificateFor(context, host)), secure: true };
  const port = await smtpServer(context, { ...options, onRcptTo: (_to, _session, done) => done() });
  const look = await lookAtMailPort({ ...at, port, tls: 'from-the-start', relay });
  assert.deepEqual([look.loginsInTheClear, look.loginsOverTls], [[], ['LOGIN', 'PLAIN']]);
  assert.match(look.relay ?? '', /^250 /);
});

test('logins that are offered in the clear are seen', async (context) => {
  const certificate = await certificateFor(context, host);
  const open = await smtpServer(context, { allowInsecureAuth: true, ...certificate });
  const { loginsInTheClear } = await lookAtMailPort({ ...at, port: open, tls: 'starttls' });
  assert.deepEqual(loginsInTheClear, ['LOGIN', 'PLAIN']);
  const without = await smtpServer(context, { disabledCommands: ['AUTH'], ...certificate });
  assert.deepEqual((await lookAtMailPort({ ...at, port: without, tls: 'starttls' })).loginsInTheClear, []);
});

test('a server without TLS has no certificate', async (context) => {
  const port = await smtpServer(context, { disabledCommands: ['STARTTLS'] });
  const look = await lookAtMailPort({ ...at, port, tls: 'starttls' });
  assert.deepEqual([look.certificate, look.loginsOverTls], [undefined, []]);
});

test('a certificate for another name, or of an unknown authority, is reported', async (context) => {
  const other = await smtpServer(context, { ...(await certificateFor(context, 'other.example.org')) });
  const first = await lookAtMailPort({ ...at, port: other, tls: 'starttls' });
  assert.match(first.certificate?.problem ?? '', /ERR_TLS_CERT_ALTNAME_INVALID/);
  delete process.env.HAVEN_WEB_TRUST;
  const unknown = await smtpServer(context, { ...(await certificateFor(context, host, false)) });
  const second = await lookAtMailPort({ ...at, port: unknown, tls: 'starttls' });
  assert.match(second.certificate?.problem ?? '', /SELF_SIGNED/);
});

test('IMAP: greeting and logins', async (context) => {
  const server = createTlsServer(await certificateFor(context, host), (socket) => {
    socket.write('* OK Dovecot ready.\r\n');
    socket.on('data', () =>
      socket.write('* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN\r\na1 OK done\r\n'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const look = await lookAtMailPort({ ...at, protocol: 'imap', port, tls: 'from-the-start' });
  assert.deepEqual([look.greeting, look.loginsOverTls], ['* OK Dovecot ready.', ['LOGIN', 'PLAIN']]);
});

test('POP3: greeting and logins', async (context) => {
  const server = createTlsServer(await certificateFor(context, host), (socket) => {
    socket.write('+OK Dovecot ready.\r\n');
    socket.on('data', () => socket.write('+OK\r\nCAPA\r\nUSER\r\nSASL PLAIN LOGIN\r\n.\r\n'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const look = await lookAtMailPort({ ...at, protocol: 'pop3', port, tls: 'from-the-start' });
  assert.deepEqual([look.greeting, look.loginsOverTls], ['+OK Dovecot ready.', ['USER', 'PLAIN', 'LOGIN']]);
});

test('a port that is closed, silent, or talks without end ends with the reason', async (context) => {
  const silent = createServer(() => undefined);
  const flood = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('2'.repeat(100_000));
  });
  for (const each of [silent, flood]) {
    await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    context.after(() => each.close());
  }
  const portOf = (server: typeof silent) => (server.address() as AddressInfo).port;
  const ask = (port: number) => lookAtMailPort({ ...at, port, tls: 'starttls', timeoutMs: 500 });
  await assert.rejects(ask(portOf(silent)), /no answer within 0.5 s/);
  await assert.rejects(ask(portOf(flood)), /a line of more than 2048 bytes/);
  await assert.rejects(ask(1), /ECONNREFUSED/);
});
