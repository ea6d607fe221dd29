import { join } from 'node:path';
import type { Catalogue } from '../core/service.ts';
import type { ImageReferences } from '../services/context-hash.ts';
import { type ImageNeed, imageNeeds, type OptionsOf, sandboxReferences } from '../services/image-need.ts';
import { cacheDir } from '../system/cache-dir.ts';
import { withLock } from '../system/with-lock.ts';
import { BuildProgress, type BuildScreen } from './build/build-progress.ts';
import { missingTasks, runTasks } from './build/run-tasks.ts';
import type { BuildTask } from './build/task.ts';
import { ensureImageStore, findStore } from './images/image-store.ts';
import { debianTasks, imageTasks } from './images/image-tasks.ts';
import { internetImage, machineImage } from './images/images.ts';
import { choosePulledImages, loadChoices, sandboxImages } from './images/pulled-images.ts';
import { startDocker } from './machine/docker.ts';
import { mountStore } from './machine/store.ts';

/** What is made before a sandbox starts. */
export interface Preparation {
  /** Services whose images servers have from the start. Images of others are made when `haven up` asks for them. */
  services?: string[];
  /** Their options: some services have more images with one. */
  options?: OptionsOf;
  /** What else is made in the same run. */
  also?: BuildTask[];
  /** What is made after all others; the disk for servers does not wait for it. */
  last?: BuildTask[];
  screen?: BuildScreen;
  /** Seconds that the caller still takes afterwards, for the estimate. */
  thenSeconds?: number;
}

export interface Prepared {
  machineImage: string;
  internetImage: string;
  /** The /var/lib/docker that machines start from. */
  store: string;
  /** The references of all services of the catalogue, whether made or not. */
  images: ImageReferences;
}

/** How long to wait for another process that builds everything, compilers included. */
export const buildWaitMs = 6 * 60 * 60_000;

/** Makes what is missing on this machine: engine, images, the disk that servers start from. */
export async function prepare(
  catalogue: Catalogue,
  { services = [], options = {}, also = [], last = [], screen, thenSeconds = 0 }: Preparation = {},
): Promise<Prepared> {
  await startDocker();
  await mountStore();
  await choosePulledImages(catalogue);
  const needs = imageNeeds(catalogue, services, sandboxImages(), options);
  const store = await makeImages(needs, { also: [...also, ...debianTasks], last, screen, thenSeconds });
  return {
    machineImage: machineImage(),
    internetImage: internetImage(),
    store,
    images: sandboxReferences(catalogue, sandboxImages()),
  };
}

/** Makes images, and a disk for servers that holds them; answers with the disk. */
export async function makeImages(
  needs: ImageNeed[],
  { also = debianTasks, last = [], screen, thenSeconds = 0 }: Omit<Preparation, 'services' | 'options'> = {},
): Promise<string> {
  const references = needs.map((each) => each.reference);
  const images = [...also, ...needs.flatMap((need) => imageTasks(need, loadChoices()))];
  const disk: BuildTask = {
    name: 'Disk for servers, with all images',
    lane: 'network',
    after: images.map((task) => task.name),
    seconds: 40,
    isMade: async () => findStore(machineImage(), references) !== undefined,
    make: async () => void (await ensureImageStore(machineImage(), references)),
  };
  await makeMissing([...images, disk, ...last], { screen, thenSeconds });
  return ensureImageStore(machineImage(), references);
}

/** Makes those of the tasks whose result does not exist yet. On one machine, one process at a time builds. */
export async function makeMissing(
  tasks: BuildTask[],
  { screen = { line: () => undefined }, thenSeconds = 0 }: Pick<Preparation, 'screen' | 'thenSeconds'> = {},
): Promise<void> {
  const build = async () => {
    const missing = await missingTasks(tasks);
    const progress = new BuildProgress(screen, missing, { thenSeconds });
    try {
      await runTasks(missing, progress.onEvent);
    } finally {
      progress.stop();
    }
  };
  await withLock(join(cacheDir, 'build.lock'), build, { waitMs: buildWaitMs });
}
