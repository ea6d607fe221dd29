import { existsSync, readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { AwsV4Signer } from 'aws4fetch';
import type { S3Place } from '../../core/backups/backup-place.ts';

const systemRoots = '/etc/ssl/certs/ca-certificates.crt';
const limitMs = 20_000;
/** What a storage takes a request for that names no region (docs.aws.amazon.com/general/latest/gr/s3.html). */
const defaultRegion = 'us-east-1';
const mostBytes = 20_000;

/**
 * Asks the storage for one name in our folder. Answers with the code of its refusal, such as `NoSuchBucket` or
 * `InvalidAccessKeyId`; undefined if it has none, or does not answer. restic asks in a way that is refused without a
 * reason: a wrong key, a wrong secret and missing rights are all "Access Denied" to it, and it creates a bucket that does
 * not exist, also one whose name is mistyped.
 */
export async function askBucket(
  place: S3Place,
  secrets: Record<string, string>,
): Promise<string | undefined> {
  const url = new URL(`${place.endpoint}/${place.bucket}`);
  url.search = String(new URLSearchParams({ 'list-type': '2', 'max-keys': '1', prefix: `${place.folder}/` }));
  const ask = async (region: string) => {
    const key = secrets['backup-s3-key'] ?? '';
    const secret = secrets['backup-s3-secret'] ?? '';
    return get(url, await signed(url, region, { key, secret }));
  };
  try {
    const answer = await ask(place.region ?? defaultRegion);
    // It names the region that it has.
    const region = /<Region>([\w-]+)<\/Region>/.exec(answer)?.[1];
    const last = place.region === undefined && region !== undefined ? await ask(region) : answer;
    return /<Code>(\w+)<\/Code>/.exec(last)?.[1];
  } catch (error) {
    // Whether it can be reached is what restic says.
    if (error instanceof Error && ('code' in error || error.name === 'AbortError')) return undefined;
    throw error;
  }
}

/** The headers of a signed GET request (AWS Signature Version 4). The secret itself is not in them. */
async function signed(
  url: URL,
  region: string,
  { key, secret }: { key: string; secret: string },
): Promise<Record<string, string>> {
  const asked = { url: url.href, accessKeyId: key, secretAccessKey: secret, service: 's3', region };
  const { headers } = await new AwsV4Signer(asked).sign();
  return Object.fromEntries(headers);
}

/** The beginning of the answer's text; a listing has no `<Code>`. */
function get(url: URL, headers: Record<string, string>): Promise<string> {
  const isHttps = url.protocol === 'https:';
  const roots = isHttps && existsSync(systemRoots) ? { ca: readFileSync(systemRoots) } : {};
  return new Promise((resolve, reject) => {
    const options = { headers, signal: AbortSignal.timeout(limitMs), ...roots };
    const request = (isHttps ? requestHttps : requestHttp)(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('end', () => resolve(text));
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > mostBytes)
          response.destroy(Object.assign(new Error('too long'), { code: 'ELONG' }));
      });
    });
    request.on('error', reject);
    request.end();
  });
}
