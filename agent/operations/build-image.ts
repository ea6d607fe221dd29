import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import {
  type BuildStep,
  baseName,
  buildStepIn,
  type ImageRecipe,
  shortName,
  whyBuildFailed,
} from '../../core/release/image-recipe.ts';
import { printable } from '../../system/printable.ts';
import { type RunResult, run, tryRun } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import { assertFreeSpace, serverDisks } from '../data/free-space.ts';
import type { Layout } from '../store/layout.ts';
import { idOf } from './images.ts';

/** Keycloak's own build is killed below 768 MB. */
const memory = '1g';
/** A pull or a build that takes longer is given up. Docker itself waits for a silent registry without end. */
const limitMs = 20 * 60_000;
/** Others may be built first, each within its limit. */
const turnMs = 2 * 60 * 60_000;

/** Which of these images are not on this server. */
export async function missingImages(references: string[]): Promise<string[]> {
  const ids = await Promise.all(references.map(idOf));
  return references.filter((_, index) => ids[index] === undefined);
}

/**
 * Builds an image from finished files, before any service is touched: with a limit of memory, one at a time. Does nothing
 * if it exists. Throws with the reason; nothing that runs depends on it yet.
 */
export async function buildImage(
  layout: Layout,
  recipe: ImageRecipe,
  onStep: (step: BuildStep) => void,
): Promise<void> {
  await withLock(join(layout.run, 'image-build.lock'), () => build(layout, recipe, onStep), {
    waitMs: turnMs,
  });
}

async function build(layout: Layout, recipe: ImageRecipe, onStep: (step: BuildStep) => void): Promise<void> {
  const { reference, base, upstream } = recipe;
  if ((await idOf(reference)) !== undefined) return;
  await assertFreeSpace(await serverDisks(layout), 2 * 1024 ** 3);
  const folder = mkdtempSync(join(tmpdir(), 'haven-image-'));
  try {
    writeContext(folder, recipe);
    // Dockerfiles name it without its digest, and the builder takes what has that name here.
    await run('docker', ['image', 'tag', await pullBelow(reference, base), baseName]);
    if (upstream) await pullBelow(reference, upstream);
    const args = [
      ...['build', '--force-rm', '--memory', memory, '--memory-swap', memory, '--tag', reference],
      ...(upstream ? ['--build-arg', `UPSTREAM=${upstream}`] : []),
      folder,
    ];
    const onOutput = (text: string) => {
      for (const line of text.split('\n')) {
        const step = buildStepIn(line, reference);
        if (step) onStep(step);
      }
    };
    // The classic builder: BuildKit ignores the limit of memory, and keeps file capabilities.
    const env = { ...process.env, DOCKER_BUILDKIT: '0' };
    const built = await tryRun('docker', args, { env, timeoutMs: limitMs, onOutput });
    if (built.code !== 0) throw failed(reference, built);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    // What was copied from it stays.
    if (upstream) await tryRun('docker', ['image', 'rm', upstream]);
  }
}

function writeContext(folder: string, { reference, files }: ImageRecipe): void {
  for (const [name, { content, executable }] of Object.entries(files)) {
    const path = resolve(folder, name);
    if (!path.startsWith(`${folder}/`))
      throw new Error(`${reference} has a file outside of its folder: ${name}`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, Buffer.from(content, 'base64'));
    chmodSync(path, executable ? 0o755 : 0o644);
  }
}

/** Pulls an image by its digest, unless it is here: then no registry has to answer. Returns its id. */
async function pullBelow(reference: string, image: string): Promise<string> {
  const here = await idOf(image);
  if (here !== undefined) return here;
  const pulled = await tryRun('docker', ['pull', '--quiet', image], { timeoutMs: limitMs });
  const id = pulled.code === 0 ? await idOf(image) : undefined;
  if (id === undefined) throw failed(reference, pulled, image);
  return id;
}

const failed = (reference: string, { stdout, stderr }: RunResult, pulling?: string): Error =>
  new Error(
    `The image ${shortName(reference)} could not be ${pulling ? `built, because ${pulling} can't be pulled` : 'built on the server'}: ${whyBuildFailed(printable(`${stdout}\n${stderr}`))}. No service was changed. Run: haven up`,
  );
