import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { waitUntil } from '../../../system/wait-until.ts';
import { sandboxDir } from '../../host/paths.ts';
import { ports } from '../../host/ports.ts';
import { docker, tryDocker } from '../../machine/docker.ts';
import { type Bucket, readBucketName, storageEndpoint, storageRegion } from './names.ts';
import { storageProgram } from './program.ts';

const container = 'haven-sandbox-object-storage';
const folder = join(sandboxDir, 'object-storage');
const buckets = join(folder, 'buckets');
/** Accounts beside the owner of the keys: none. Without this folder an unknown key is answered with 404, and not with 403. */
const accounts = join(folder, 'accounts');
const keysFile = join(folder, 'keys.json');
const address = `127.0.0.1:${ports.objectStorage}`;

const keysSchema = z.strictObject({ key: z.string(), secret: z.string() });
type Keys = z.infer<typeof keysSchema>;

/** The keys of this sandbox, made when they are first asked for; a sandbox that is reset has others. */
function storageKeys(): Keys {
  if (existsSync(keysFile)) return keysSchema.parse(JSON.parse(readFileSync(keysFile, 'utf8')));
  // As long as Hetzner's: 20 and 40 characters.
  const keys = {
    key: randomBytes(10).toString('hex').toUpperCase(),
    secret: randomBytes(30).toString('base64url'),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(keysFile, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

/**
 * Starts the S3 server, from the image of the internet. Does nothing if it is running already, or if its program was not
 * built: most sandboxes have no bucket.
 */
export async function startObjectStorage(image: string): Promise<void> {
  if (!existsSync(storageProgram)) return;
  const state = await tryDocker(['inspect', '-f', '{{.State.Running}} {{.Config.Image}}', container]);
  if (state.stdout.trim() === `true ${image}`) return;
  await tryDocker(['rm', '-f', '-v', container]);
  for (const each of [buckets, accounts]) mkdirSync(each, { recursive: true });
  const { key, secret } = storageKeys();
  const env = { ...process.env, ROOT_ACCESS_KEY_ID: key, ROOT_SECRET_ACCESS_KEY: secret };
  const run = [
    ...['run', '-d', '--name', container, '--label', 'openhaven.sandbox=internet', '--network', 'host'],
    ...['-v', `${buckets}:/buckets`, '-v', `${accounts}:/accounts`],
    ...['-v', `${storageProgram}:/usr/local/bin/versitygw:ro`],
    // Their values come from the environment of this call, so that no command line has them.
    ...['-e', 'ROOT_ACCESS_KEY_ID', '-e', 'ROOT_SECRET_ACCESS_KEY'],
  ];
  const options = ['--port', address, '--region', storageRegion, '--iam-dir', '/accounts'];
  const program = ['versitygw', ...options, '--health', '/health', '--quiet', 'posix', '/buckets'];
  await docker([...run, image, ...program], { env });
  await waitUntil('the object storage', async () => {
    const answer = await fetch(`http://${address}/health`).catch(() => undefined);
    return answer?.ok;
  });
}

/** Creates an empty bucket. Throws if it exists already, with the answer of the S3 server. */
export async function createBucket(name: unknown): Promise<Bucket> {
  const bucket = readBucketName(name);
  if (!existsSync(storageProgram))
    throw new Error(`The sandbox's S3 server was not built: ${storageProgram} does not exist.`);
  const { key, secret } = storageKeys();
  const settings = `user = "${key}:${secret}"\naws-sigv4 = "aws:amz:${storageRegion}:s3"\n`;
  const command = ['curl', '-sS', '--fail-with-body', '-X', 'PUT', '-K', '-', `http://${address}/${bucket}`];
  const asked = await tryDocker(['exec', '-i', container, ...command], { input: settings });
  if (asked.code !== 0) throw new Error(`bucket ${bucket}: ${asked.stdout}${asked.stderr}`.trim());
  return { endpoint: storageEndpoint, region: storageRegion, bucket, key, secret };
}

/** Creates an empty bucket, or leaves the one of this name as it is. */
export async function ensureBucket(name: unknown): Promise<Bucket> {
  const bucket = readBucketName(name);
  if (!existsSync(join(buckets, bucket))) return createBucket(bucket);
  return { endpoint: storageEndpoint, region: storageRegion, bucket, ...storageKeys() };
}

/** Does this sandbox have any bucket? Then its clouds may need the S3 server. */
export const hasBuckets = (): boolean =>
  // Beside them the server keeps uploads that are not complete, in a folder with a dot.
  existsSync(buckets) && readdirSync(buckets).some((name) => !name.startsWith('.'));

/** Deletes all buckets, with what is in them. */
export function emptyObjectStorage(): void {
  for (const bucket of existsSync(buckets) ? readdirSync(buckets) : [])
    rmSync(join(buckets, bucket), { recursive: true });
}
