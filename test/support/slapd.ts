import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, InvalidCredentialsError } from 'ldapts';
import { builtReference } from '../../core/release/image-references.ts';
import { bindDn, ldap } from '../../core/users/ldap.ts';
import { ensureBuilt } from '../../sandbox/images/build-folder.ts';
import { docker, startDocker, tryDocker } from '../../sandbox/machine/docker.ts';
import { contextHash } from '../../services/context-hash.ts';
import { baseLdif, havenSchema, slapdConf } from '../../services/ldap/slapd.ts';
import { projectRoot } from '../../system/project-root.ts';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { freePort } from './go-program.ts';
import { scratch } from './scratch.ts';

/** The password of every account of a service in it. */
const password = 'secret-of-a-service';

/**
 * The real slapd of `images/openldap` with the configuration of `services/ldap`, in a container on this machine's
 * loopback, without TLS. It has the accounts of the agent, the portal, the login and webmail.
 */
export class Slapd {
  readonly url: string;
  readonly portal = { dn: bindDn('portal', 'selfService'), password };
  readonly login = { dn: bindDn('keycloak', 'federation'), password };
  readonly webmail = { dn: bindDn('webmail', 'readers'), password };
  readonly #container: string;

  private constructor(url: string, container: string) {
    this.url = url;
    this.#container = container;
  }

  /** `sockets`: a folder in which it also listens at `ldapi`, for containers without a network. */
  static async start(name: string, { sockets }: { sockets?: string } = {}): Promise<Slapd> {
    await startDocker();
    const folder = join(projectRoot, 'images/openldap');
    const image = await ensureBuilt(builtReference('openldap', contextHash(folder)), folder);
    const container = `haven-test-slapd-${name}`;
    await tryDocker(['rm', '-f', container]);
    const config = await configuration();
    const url = `ldap://127.0.0.1:${await freePort()}`;
    const conf = '/etc/openldap/slapd.conf';
    const start = [
      'mkdir /data/db',
      `slapadd -f ${conf} -l /etc/openldap/base.ldif`,
      `exec slapd -d 0 -f ${conf} -h '${url}/${sockets ? ' ldapi://%2Fsockets%2Fldapi' : ''}'`,
    ];
    await docker([
      ...['run', '-d', '--name', container, '--network', 'host', '--ulimit', 'nofile=4096'],
      ...['--tmpfs', '/data:uid=2030,gid=2030', '--tmpfs', '/run/slapd:uid=2030,gid=2030'],
      ...(sockets ? ['-v', `${sockets}:/sockets`] : []),
      ...['-v', `${config}:/etc/openldap:ro`, '-v', `${join(config, 'tls')}:/run/secrets/tls:ro`],
      ...['--entrypoint', 'bash', image.reference, '-c', start.join(' && ')],
    ]);
    const slapd = new Slapd(url, container);
    await waitUntil('slapd', () => slapd.accepts(ldap.agent, password));
    if (sockets) chmodSync(join(sockets, 'ldapi'), 0o666);
    return slapd;
  }

  async stop(): Promise<void> {
    await tryDocker(['rm', '-f', this.#container]);
  }

  /** Works in it as the agent does. */
  asAgent = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    this.as({ dn: ldap.agent, password }, work);

  async as<T>(account: { dn: string; password: string }, work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ url: this.url, timeout: 10_000 });
    try {
      await client.bind(account.dn, account.password);
      return await work(client);
    } finally {
      await client.unbind();
    }
  }

  /** Whether it lets in who names this password, as a program's login does. */
  async accepts(dn: string, secret: string): Promise<boolean> {
    try {
      return await this.as({ dn, password: secret }, async () => true);
    } catch (error) {
      if (error instanceof InvalidCredentialsError) return false;
      throw error;
    }
  }
}

/** What the release of `services/ldap` mounts, and the accounts that the agent makes. */
async function configuration(): Promise<string> {
  const folder = scratch('slapd');
  const services = [
    bindDn('portal', 'selfService'),
    bindDn('keycloak', 'federation'),
    bindDn('webmail', 'readers'),
  ];
  const accounts = [ldap.agent, ...services].map(
    (dn) =>
      `dn: ${dn}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\n` +
      `cn: ${/^cn=([^,]+)/.exec(dn)![1]}\nuserPassword: ${password}\n`,
  );
  writeFileSync(join(folder, 'slapd.conf'), slapdConf);
  writeFileSync(join(folder, 'haven.schema'), havenSchema);
  writeFileSync(join(folder, 'base.ldif'), [baseLdif, ...accounts].join('\n'));
  const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await run('openssl', [...request, '-subj', '/CN=ldap', '-keyout', key, '-out', certificate]);
  await run('sh', ['-c', 'cat key certificate > tls && chmod 755 . && chmod 644 *'], { cwd: folder });
  return folder;
}
