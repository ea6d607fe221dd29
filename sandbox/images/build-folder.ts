import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { bundleProgram, isProgram } from '../../services/image-program.ts';
import { docker } from '../machine/docker.ts';
import { type BuiltImage, ensureBase, hasImage } from './images.ts';

/** Builds a folder with a Dockerfile under a name that holds the folder's hash, unless that exists already. */
export async function ensureBuilt(reference: string, folder: string): Promise<BuiltImage> {
  if (!(await hasImage(reference))) await buildFolder(reference, folder);
  return { reference };
}

/** Builds a folder's Dockerfile. `upstream` is the image for its build argument UPSTREAM. */
export async function buildFolder(
  reference: string,
  folder: string,
  { file = 'Dockerfile', upstream }: { file?: string; upstream?: string } = {},
): Promise<void> {
  await ensureBase();
  const context = await openContext(folder);
  const values = { BUILD_BASE: await ensureBuildBase(), ...(upstream ? { UPSTREAM: upstream } : {}) };
  const used = readFileSync(join(folder, file), 'utf8');
  const buildArgs = Object.entries(values)
    .filter(([name]) => used.includes(`ARG ${name}`))
    .flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  try {
    await docker(
      [
        ...['build', '--network', 'host', '--force-rm', '-q', '-t', reference],
        ...[...buildArgs, '-f', join(context.folder, file), context.folder],
      ],
      // The classic builder, as on a server (Debian's Docker has no other): it drops file capabilities on COPY --from.
      { timeoutMs: 20 * 60_000, env: { ...process.env, DOCKER_BUILDKIT: '0' } },
    );
  } finally {
    context.close();
  }
}

/** What Docker is given: the folder, or for a program of ours its files with the bundled program beside them. */
async function openContext(folder: string): Promise<{ folder: string; close(): void }> {
  if (!isProgram(folder)) return { folder, close: () => undefined };
  const context = mkdtempSync(join(tmpdir(), 'haven-context-'));
  const isSource = (path: string) => /^(src|package\.json)$/.test(relative(folder, path));
  cpSync(folder, context, { recursive: true, filter: (path) => !isSource(path) });
  writeFileSync(join(context, 'program.mjs'), await bundleProgram(folder));
  return { folder: context, close: () => rmSync(context, { recursive: true }) };
}

/**
 * The base image of the stages in which our Dockerfiles download: Debian with the certificate authorities that this
 * machine trusts. Behind a proxy that inspects TLS, plain Debian would refuse every download. Only build stages start
 * from it, so none of it is in the finished image.
 */
async function ensureBuildBase(): Promise<string> {
  const bundle = process.env.SSL_CERT_FILE ?? '/etc/ssl/certs/ca-certificates.crt';
  const certificates = readFileSync(bundle);
  const reference = `openhaven/build-base:${createHash('sha256').update(certificates).digest('hex').slice(0, 12)}`;
  if (!(await hasImage(reference))) {
    const folder = mkdtempSync(join(tmpdir(), 'haven-build-base-'));
    writeFileSync(join(folder, 'ca.crt'), certificates);
    writeFileSync(
      join(folder, 'Dockerfile'),
      'FROM debian:trixie-slim\nCOPY ca.crt /etc/haven-build-ca.crt\nENV SSL_CERT_FILE=/etc/haven-build-ca.crt\n',
    );
    await docker(['build', '-q', '-t', reference, folder], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
    rmSync(folder, { recursive: true });
  }
  return reference;
}
