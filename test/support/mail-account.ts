import { once } from 'node:events';
import { createServer } from 'node:http';
import { SMTPServer } from 'smtp-server';
import { registerDomain } from '../../sandbox/control.ts';
import { network } from '../../sandbox/machine/network.ts';
import { acmeSettings, loadTrusting } from '../../stacks/acme-account.ts';

export interface Email {
  to: string[];
  /** As it came: headers and body. */
  raw: string;
}

/**
 * An account at another company's mail server (npm's smtp-server on this machine, with a certificate of the sandbox's
 * authority). It accepts emails over TLS from anyone who knows the password, and stores them.
 */
export class MailAccount {
  readonly host: string;
  readonly user: string;
  readonly emails: Email[] = [];
  readonly #tls: { key: string; cert: string };
  /** What it takes; another one is refused from then on. */
  password: string;
  #server: SMTPServer | undefined;

  private constructor(host: string, user: string, password: string, tls: { key: string; cert: string }) {
    this.host = host;
    this.user = user;
    this.password = password;
    this.#tls = tls;
  }

  static async open(domain: string, password: string): Promise<MailAccount> {
    const host = `smtp.${domain}`;
    await registerDomain(domain, [{ name: host, type: 'A', content: network.hostIpv4, ttl: 60 }]);
    const account = new MailAccount(host, `cloud@${domain}`, password, await certify(host));
    await account.listen();
    return account;
  }

  async listen(): Promise<void> {
    const server = new SMTPServer({
      ...this.#tls,
      disabledCommands: [],
      onAuth: ({ username, password }, _session, callback) =>
        username === this.user && password === this.password
          ? callback(null, { user: username })
          : callback(new Error('Authentication credentials invalid')),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map((each) => each.address);
          this.emails.push({ to, raw: Buffer.concat(chunks).toString() });
          callback();
        });
      },
    });
    // A client that goes away in the midst of something ends its own connection, and nothing here.
    server.on('error', (error) => console.log(`mail account: ${error.message}`));
    server.listen(587, network.hostIpv4);
    await once(server.server, 'listening');
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** A key and its certificate, got as everybody gets one: http-01 (RFC 8555 §8.3), asked for over the name's port 80. */
async function certify(host: string): Promise<{ key: string; cert: string }> {
  const settings = acmeSettings();
  const acme = await loadTrusting(settings);
  const answers = new Map<string, string>();
  const web = createServer((request, response) => {
    response.end(answers.get(request.url ?? '') ?? '');
  }).listen(80, network.hostIpv4);
  try {
    const client = new acme.Client({
      directoryUrl: settings.directory,
      accountKey: await acme.crypto.createPrivateEcdsaKey('P-256'),
    });
    const [key, csr] = await acme.crypto.createCsr(
      { commonName: host, altNames: [host] },
      await acme.crypto.createPrivateEcdsaKey('P-256'),
    );
    const cert = await client.auto({
      csr,
      email: 'postmaster@example.org',
      termsOfServiceAgreed: true,
      challengePriority: ['http-01'],
      skipChallengeVerification: true,
      challengeCreateFn: async (_authorization, { token }, proof) => {
        answers.set(`/.well-known/acme-challenge/${token}`, proof);
      },
      challengeRemoveFn: async (_authorization, { token }) => {
        answers.delete(`/.well-known/acme-challenge/${token}`);
      },
    });
    return { key: key.toString(), cert };
  } finally {
    web.close();
  }
}
