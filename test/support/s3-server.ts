import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { storageProgram, storageTasks } from '../../sandbox/internet/storage/program.ts';
import type { S3Location } from '../../system/s3-files.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { freePort } from './go-program.ts';
import { scratch } from './scratch.ts';

/** The sandbox's S3 server alone, on loopback and without TLS, with one bucket. */
export async function startS3Server(bucket: string): Promise<S3Location & { close(): void }> {
  for (const task of storageTasks) if (!(await task.isMade())) await task.make();
  const folder = scratch('s3');
  // A folder at its top is a bucket.
  mkdirSync(join(folder, bucket));
  const keys = { key: 'HAVENTESTHAVENTEST00', secret: 'a secret that opens this bucket alone' };
  const address = `127.0.0.1:${await freePort()}`;
  const options = ['--port', address, '--region', 'fsn1', '--health', '/health', '--quiet', 'posix', folder];
  const server = spawn(storageProgram, options, {
    env: { ROOT_ACCESS_KEY_ID: keys.key, ROOT_SECRET_ACCESS_KEY: keys.secret },
    stdio: 'ignore',
  });
  const endpoint = `http://${address}`;
  await waitUntil(
    'the S3 server',
    async () => (await fetch(`${endpoint}/health`).catch(() => undefined))?.ok,
  );
  return { kind: 's3', endpoint, bucket, ...keys, close: () => server.kill() };
}
