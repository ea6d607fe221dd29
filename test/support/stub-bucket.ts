import { after, before } from 'node:test';

/**
 * A bucket in this process, at an address that does not exist: requests to it are answered here instead of being sent. It
 * takes one pair of keys by its first half and verifies no signature: the real servers in test/layers do that.
 */
export class StubBucket {
  readonly endpoint = 'https://storage.example';
  readonly bucket = 'ada';
  readonly key = 'KEYOFTHEBUCKET';
  readonly secret = 'secret-of-the-bucket';
  readonly files = new Map<string, Uint8Array>();
  /** What it answers to everything, if it does not work. */
  fault: { status: number; code: string } | 'unreachable' | undefined;
  /** Method and path of each request. */
  readonly asked: string[] = [];

  /** It answers during the tests of the file that makes it. */
  constructor() {
    const real = globalThis.fetch;
    const answer = (...request: Parameters<typeof fetch>): Promise<Response> => {
      const [address, options = {}] = request;
      const url = new URL(String(address));
      return url.origin === this.endpoint ? this.#answer(url, options) : real(...request);
    };
    before(() => {
      globalThis.fetch = answer;
    });
    after(() => {
      globalThis.fetch = real;
    });
  }

  async #answer(url: URL, { method = 'GET', headers, body }: RequestInit): Promise<Response> {
    this.asked.push(`${method} ${url.pathname}`);
    if (this.fault === 'unreachable')
      throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });
    if (this.fault) return refusal(this.fault.status, this.fault.code);
    const by = new Headers(headers).get('authorization') ?? '';
    if (!by.includes(`Credential=${this.key}/`)) return refusal(403, 'InvalidAccessKeyId');
    const [, bucket, ...parts] = url.pathname.split('/').map(decodeURIComponent);
    if (bucket !== this.bucket) return refusal(404, 'NoSuchBucket');
    const name = parts.join('/');
    if (method === 'PUT') {
      this.files.set(name, new Uint8Array(await new Response(body ?? null).arrayBuffer()));
      return new Response();
    }
    if (name !== '') {
      const found = this.files.get(name);
      return found ? new Response(new Uint8Array(found)) : refusal(404, 'NoSuchKey');
    }
    const top = [...this.files.keys()].filter((each) => !each.includes('/'));
    const entries = top.map((each) => `<Contents><Key>${each}</Key></Contents>`).join('');
    return new Response(`<ListBucketResult>${entries}</ListBucketResult>`);
  }
}

const refusal = (status: number, code: string): Response =>
  new Response(`<Error><Code>${code}</Code><Message>Stub.</Message></Error>`, { status });
