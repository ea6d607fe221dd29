import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { networkFault } from './network-fault.ts';
import { PlaceFault, placeLimits } from './place-fault.ts';
import { sandboxFetch } from './sandbox-fetch.ts';

/** A bucket of an S3-compatible storage, and the pair of keys that opens it. */
export interface S3Location {
  kind: 's3';
  /** Origin, `https://fsn1.your-objectstorage.com`. */
  endpoint: string;
  bucket: string;
  region?: string | undefined;
  key: string;
  secret: string;
}

/** What a storage without regions takes, and AWS where none is named (as restic and minio do). */
const defaultRegion = 'us-east-1';

/**
 * Files in a bucket, by the four requests of the S3 API that this takes. The bucket is in the path ("path-style"), which
 * every storage understands, whatever its certificate names.
 */
export class S3Files {
  readonly #at: S3Location;
  #region: string;

  constructor(at: S3Location) {
    this.#at = at;
    this.#region = at.region ?? defaultRegion;
  }

  /**
   * A storage that refuses a file may close the connection while it is still sent, and then its answer is lost. So it is
   * asked for the file: that is refused for the same reason, or tells the region that the file has to be sent to.
   */
  async put(path: string, content: Uint8Array): Promise<void> {
    const region = this.#region;
    try {
      await this.#ask('PUT', encodedPath(path), content);
    } catch (error) {
      if (!(error instanceof PlaceFault && error.kind === 'unreachable')) throw error;
      await this.get(path).catch((refusal: unknown) => {
        if (refusal instanceof PlaceFault && refusal.kind !== 'no-file') throw refusal;
      });
      if (this.#region === region) throw error;
      await this.#ask('PUT', encodedPath(path), content);
    }
  }

  async get(path: string): Promise<Uint8Array> {
    return this.#ask('GET', encodedPath(path));
  }

  /** Names at the top of the bucket (Amazon S3 API Reference, "ListObjectsV2"); a page has up to 1000. */
  async list(): Promise<string[]> {
    const names: string[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const more: Record<string, string> = token === '' ? {} : { 'continuation-token': token };
      const query: URLSearchParams = new URLSearchParams({ 'list-type': '2', delimiter: '/', ...more });
      const page: string = Buffer.from(await this.#ask('GET', `?${query}`)).toString();
      for (const [, entry] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs))
        names.push(...textsOf(entry!, 'Key'));
      token = textsOf(page, 'NextContinuationToken')[0];
    }
    return names;
  }

  /** Where no region was named, a storage that has them says which it is in. */
  async #ask(method: string, rest: string, content?: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#request(method, rest, content);
    } catch (error) {
      if (!(error instanceof PlaceFault && error.kind === 'other-region')) throw error;
      if (this.#at.region !== undefined || this.#region === error.detail) throw error;
      this.#region = error.detail;
      return this.#request(method, rest, content);
    }
  }

  async #request(method: string, rest: string, content?: Uint8Array): Promise<Uint8Array> {
    const { endpoint, bucket, key, secret } = this.#at;
    const body = content === undefined ? null : new Uint8Array(content);
    const signed = await new AwsV4Signer({
      method,
      url: `${endpoint}/${encodeURIComponent(bucket)}${rest.startsWith('?') ? rest : `/${rest}`}`,
      headers: {
        'x-amz-content-sha256': createHash('sha256')
          .update(body ?? '')
          .digest('hex'),
      },
      body,
      accessKeyId: key,
      secretAccessKey: secret,
      service: 's3',
      region: this.#region,
    }).sign();
    try {
      const answer = await sandboxFetch(signed.url, {
        method,
        headers: Object.fromEntries(signed.headers),
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(placeLimits.fileMs),
      });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (!answer.ok) throw faultOf(answer.status, Buffer.from(bytes).toString());
      return bytes;
    } catch (error) {
      const fault = networkFault(error, new URL(endpoint).host);
      throw fault === undefined ? error : new PlaceFault('unreachable', fault);
    }
  }
}

const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** The texts of all elements of this name. An answer of S3 has no attributes and no nesting of the same name. */
const textsOf = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => unescaped(text!));

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

const unescaped = (text: string): string =>
  text.replaceAll(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    },
  );

/** What an error means, by its code (Amazon S3 API Reference, "Error responses"); a status without one tells the most. */
function faultOf(status: number, body: string): PlaceFault {
  const [code = ''] = textsOf(body, 'Code');
  const [message = ''] = textsOf(body, 'Message');
  const words = [code, message].filter((each) => each !== '').join(': ');
  if (code === 'NoSuchBucket') return new PlaceFault('no-bucket');
  if (code === 'NoSuchKey') return new PlaceFault('no-file');
  if (code === 'AuthorizationHeaderMalformed') {
    const region = textsOf(body, 'Region')[0] ?? /expecting '([\w-]+)'/.exec(message)?.[1];
    if (region !== undefined) return new PlaceFault('other-region', region);
  }
  if (status === 507 || /Quota|InsufficientStorage|StorageFull/.test(code))
    return new PlaceFault('full', words);
  // Versity's server answers 404 to a key that it does not know.
  if (status === 401 || status === 403 || /UserNotFound|InvalidAccessKeyId/.test(code))
    return new PlaceFault('denied', words);
  if (status === 404) return new PlaceFault('no-file', words);
  return new PlaceFault('refused', words === '' ? `HTTP ${status}` : words);
}
