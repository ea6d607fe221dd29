import { createPrivateKey, type KeyObject, randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { run } from '../../system/run.ts';

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Issues tokens for public images to anyone who asks, as Docker Hub does for visitors without an account (CNCF
 * Distribution, "Token Authentication Specification"). The registry trusts its certificate.
 */
export class TokenRealm {
  /** What was asked for, as `scope`. */
  readonly asked: string[] = [];
  readonly certificateFile: string;
  readonly #key: KeyObject;
  readonly #service: string;
  readonly #server: Server;

  private constructor(folder: string, service: string) {
    this.certificateFile = join(folder, 'realm.crt');
    this.#key = createPrivateKey(readFileSync(join(folder, 'realm.key')));
    this.#service = service;
    this.#server = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://realm');
      const scope = searchParams.get('scope') ?? '';
      this.asked.push(scope);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ token: this.#token(scope) }));
    });
  }

  static async open(folder: string, service: string, port: number): Promise<TokenRealm> {
    const out = ['-keyout', join(folder, 'realm.key'), '-out', join(folder, 'realm.crt')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    await run('openssl', ['req', '-x509', ...curve, '-subj', '/CN=token realm', '-days', '2', ...out]);
    const realm = new TokenRealm(folder, service);
    realm.#server.listen(port, '127.0.0.1');
    await once(realm.#server, 'listening');
    return realm;
  }

  close(): void {
    this.#server.close();
  }

  /** A JSON Web Token (RFC 7519) that allows what was asked for, signed with ES256 (RFC 7518 §3.4). */
  #token(scope: string): string {
    const [type = '', name = '', actions = ''] = scope.split(':');
    const now = Math.floor(Date.now() / 1000);
    const certificate = new X509Certificate(readFileSync(this.certificateFile)).raw.toString('base64');
    const head = base64url({ typ: 'JWT', alg: 'ES256', x5c: [certificate] });
    const access = scope ? [{ type, name, actions: actions.split(',') }] : [];
    const times = { nbf: now - 60, iat: now, exp: now + 300, jti: randomUUID() };
    const body = base64url({ iss: 'realm', sub: '', aud: this.#service, ...times, access });
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
      key: this.#key,
      dsaEncoding: 'ieee-p1363',
    });
    return `${head}.${body}.${signature.toString('base64url')}`;
  }
}
