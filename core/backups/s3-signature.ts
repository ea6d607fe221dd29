import { createHash, createHmac } from 'node:crypto';

/** A request without a body to S3, and who asks. */
export interface S3Request {
  url: URL;
  region: string;
  key: string;
  secret: string;
  at: Date;
}

/** Hash of nothing, the body of a GET. */
const emptyHash = createHash('sha256').update('').digest('hex');

/**
 * The headers of a signed GET request (AWS Signature Version 4, docs.aws.amazon.com/AmazonS3/latest/API/
 * sig-v4-header-based-auth.html). The secret itself is not in them.
 */
export function signS3Request({ url, region, key, secret, at }: S3Request): Record<string, string> {
  const time = at.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const headers = { host: url.host, 'x-amz-content-sha256': emptyHash, 'x-amz-date': time };
  const signed = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ['GET', url.pathname, queryOf(url), lines.join(''), signed, emptyHash].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(request).digest('hex')].join(
    '\n',
  );
  const signing = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (previous, each) => createHmac('sha256', previous).update(each).digest(),
    `AWS4${secret}`,
  );
  const signature = createHmac('sha256', signing).update(text).digest('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  };
}

/** Sorted, and encoded as RFC 3986 says (§2.3): more than encodeURIComponent does. */
const queryOf = (url: URL): string =>
  [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join('&');

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
