import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { docker, dockerSocket, tryDocker } from '../../sandbox/machine/docker.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { run } from '../../system/run.ts';
import { computer, place, type SignedNames } from './signed-names.ts';

/** checkdmarc of PyPI and what it needs, for the Python of the visitor's computer (Debian 13). */
const checkdmarc = { version: '6.0.4', python: '3.13' };
const container = 'haven-signed-names-visitor';

type CheckdmarcCheck = 'spf' | 'dmarc' | 'mx' | 'mta-sts' | 'tls-rpt' | 'dnssec';

/** Programs that others wrote, on a computer elsewhere, which say what they think of the records of a domain. */
export class DnsJudges {
  readonly #names: SignedNames;
  readonly #python: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;
  /** Ends when the last question to it is answered. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(names: SignedNames, python: ChildProcessByStdio<Writable, Readable, null>) {
    this.#names = names;
    this.#python = python;
    this.#answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  }

  /** `image` is that of a computer with mail programs; `authority` certifies the pages. */
  static async open(names: SignedNames, image: string, authority: string): Promise<DnsJudges> {
    const packages = await installedPackages();
    await docker([...computer(container, place.visitor), '-v', `${packages}:/judges:ro`, image]);
    const put = (path: string, input: string) =>
      docker(['exec', '-i', container, 'sh', '-c', 'cat > "$0"', path], { input });
    await put('/etc/resolv.conf', `nameserver ${place.resolver}\noptions trust-ad\n`);
    await put('/authority.pem', readFileSync(authority, 'utf8'));
    await put('/judge.py', judgeScript);
    await put('/opendkim.conf', 'ResolverConfiguration /opendkim-unbound.conf\n');
    // Its library has test. as an empty zone of its own (RFC 6761).
    await put(
      '/opendkim-unbound.conf',
      `server:\n  local-zone: "test." nodefault\nforward-zone:\n  name: "."\n  forward-addr: ${place.resolver}\n`,
    );
    const anchor = /^\. IN DS (\d+) (\d+) (\d+) (\w+)/.exec(await names.run('cat', '/internet/dns/root.key'));
    assert.ok(anchor);
    const [, tag, algorithm, type, digest] = anchor;
    const bind = `trust-anchors { . static-ds ${tag} ${algorithm} ${type} "${digest}"; };`;
    await names.run('sh', '-c', `echo '${bind}' > /internet/anchors`);
    const environment = [
      'PYTHONPATH=/judges',
      'SSL_CERT_FILE=/authority.pem',
      'REQUESTS_CA_BUNDLE=/authority.pem',
    ];
    const words = ['exec', '-i', container, 'env', ...environment, 'python3', '/judge.py'];
    const python = spawn('docker', ['-H', `unix://${await dockerSocket()}`, ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new DnsJudges(names, python);
  }

  /** One of checkdmarc's checks of a domain, as JSON. */
  checkdmarc(what: CheckdmarcCheck, domain: string): Promise<string> {
    const ask = async (): Promise<string> => {
      this.#python.stdin.write(`${what} ${domain}\n`);
      const { value } = await this.#answers.next();
      assert.ok(typeof value === 'string', `checkdmarc has no answer about ${what} ${domain}`);
      return value;
    };
    const asked = this.#last.then(ask);
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  /** Whether the published key is that of a private key (opendkim-testkey(8)). */
  async testkey(domain: string, selector: string, privateKey: string): Promise<string> {
    await docker(['exec', '-i', container, 'sh', '-c', 'umask 077; cat > /dkim.pem'], { input: privateKey });
    const words = ['-x', '/opendkim.conf', '-d', domain, '-s', selector, '-k', '/dkim.pem', '-vvv'];
    return this.#run('opendkim-testkey', ...words);
  }

  /** pyspf: may a server send for an address, or greet by a name? */
  spf = (ip: string, sender: string, helo: string) =>
    this.#run('python3', '-c', 'import spf,sys; print(*spf.check2(*sys.argv[1:]))', ip, sender, helo);

  /** Postfix, as it would deliver with DANE (posttls-finger(1)). */
  dane = (domain: string) =>
    this.#run(
      'posttls-finger',
      '-c',
      '-t',
      '10',
      '-o',
      'inet_protocols=ipv4',
      '-l',
      'dane',
      '-L',
      'summary',
      domain,
    );

  /** dig(1): the answer alone. */
  dig = (...question: string[]) => this.#names.run('dig', '+short', `@${place.resolver}`, ...question);

  /** delv(1), which validates on its own, from the root. */
  delv = (...question: string[]) =>
    this.#names.run('delv', `@${place.resolver}`, '-a', '/internet/anchors', '+root=.', ...question);

  close(): void {
    this.#python.stdin.end();
  }

  async #run(...command: string[]): Promise<string> {
    const { stdout, stderr } = await tryDocker(['exec', container, ...command], { timeoutMs: 60_000 });
    return `${stdout}${stderr}`.trim();
  }
}

/** The folder of checkdmarc, got by this machine's pip; once. */
async function installedPackages(): Promise<string> {
  const folder = join(cacheDir, 'judges', `checkdmarc-${checkdmarc.version}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const how = ['--quiet', '--target', draft, '--python-version', checkdmarc.python, '--only-binary=:all:'];
  await run('python3', ['-m', 'pip', 'install', ...how, `checkdmarc==${checkdmarc.version}`], {
    timeoutMs: 300_000,
  });
  renameSync(draft, folder);
  return folder;
}

/** Loading it takes seconds, so one process answers all questions; each in a copy of it, since it remembers answers of the DNS. */
const judgeScript = `
import json, os, sys
from checkdmarc import dmarc, dnssec, mta_sts, smtp, smtp_tls_reporting, spf
checks = {
    'spf': spf.check_spf,
    'dmarc': dmarc.check_dmarc,
    'mx': lambda name: smtp.check_mx(name, check_mx_tls=True),
    'mta-sts': mta_sts.check_mta_sts,
    'tls-rpt': smtp_tls_reporting.check_smtp_tls_reporting,
    'dnssec': dnssec.check_dnssec,
}
for line in sys.stdin:
    what, domain = line.split()
    child = os.fork()
    if child == 0:
        print(json.dumps(checks[what](domain), default=str), flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        print('checkdmarc failed', flush=True)
`;
