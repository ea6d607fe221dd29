import { join } from 'node:path';
import { contextHash } from '../../services/context-hash.ts';
import type { ImageNeed } from '../../services/image-need.ts';
import { loadUpstreamImage } from '../../services/upstream-images.ts';
import { projectRoot } from '../../system/project-root.ts';
import type { BuildTask } from '../build/task.ts';
import { buildFolder } from './build-folder.ts';
import { downloadGoBuild, loadGoBuild } from './go-build.ts';
import {
  ensureBase,
  ensureInternetImage,
  ensureMachineImage,
  hasImage,
  internetImage,
  machineImage,
} from './images.ts';
import { makeLikeUpstream } from './like-upstream.ts';
import { type PulledChoice, pullImage } from './pulled-images.ts';
import { makeUpstream, removeUpstream, upstreamReference } from './upstream.ts';

const base = 'Debian 13';

/** Debian 13 as a base, for sandbox servers, and for the outside internet. */
export const debianTasks: BuildTask[] = [
  {
    name: base,
    lane: 'network',
    after: [],
    seconds: 16,
    isMade: () => hasImage('debian:trixie-slim'),
    make: ensureBase,
  },
  {
    name: 'Debian 13 for servers',
    lane: 'network',
    after: [],
    seconds: 40,
    isMade: () => hasImage(machineImage()),
    make: async () => void (await ensureMachineImage()),
  },
  {
    name: 'Name server, resolver, certificate authority, registry',
    lane: 'network',
    after: [],
    seconds: 30,
    isMade: () => hasImage(internetImage()),
    make: async () => void (await ensureInternetImage()),
  },
];

/** What is to be done for an image: download its modules, build its programs, build it. */
export function imageTasks(need: ImageNeed, pulled: Record<string, PulledChoice>): BuildTask[] {
  if (need.pull) return [pullTask(need.reference, need.pull, pulled[need.pull]!)];
  const folder = join(projectRoot, need.build!);
  const upstream = upstreamReference(folder, need.name);
  const image: BuildTask = {
    name: `Image ${need.name}`,
    lane: 'network',
    after: [base, ...(upstream ? [`Program ${need.name}`] : [])],
    seconds: expected[need.name] ?? 15,
    isMade: () => hasImage(need.reference),
    async make() {
      if (!need.reference.endsWith(`:${contextHash(folder)}`))
        throw new Error(`${folder} is not what ${need.reference} is built from.`);
      const facts = loadUpstreamImage(folder);
      const built = facts ? `${need.reference}-whole` : need.reference;
      await buildFolder(built, folder, { upstream });
      if (upstream) await removeUpstream(upstream);
      if (facts) await makeLikeUpstream(built, need.reference, facts);
    },
  };
  return upstream ? [...upstreamTasks(need, folder, upstream, image), image] : [image];
}

function upstreamTasks(
  { name }: ImageNeed,
  folder: string,
  reference: string,
  image: BuildTask,
): BuildTask[] {
  const isMade = async () => (await image.isMade()) || (await hasImage(reference));
  const build = loadGoBuild(folder);
  const make = () => makeUpstream(folder, reference);
  if (!build)
    return [
      {
        name: `Program ${name}`,
        lane: 'network',
        after: [base],
        seconds: 40,
        isMade,
        make,
      },
    ];
  return [
    {
      name: `Modules of ${name}`,
      lane: 'network',
      after: [],
      seconds: 15,
      isMade,
      make: () => downloadGoBuild(build),
    },
    {
      name: `Program ${name}`,
      lane: 'cpu',
      after: [`Modules of ${name}`],
      seconds: expected[`Program ${name}`] ?? 40,
      isMade,
      make,
    },
  ];
}

function pullTask(reference: string, pull: string, choice: PulledChoice): BuildTask {
  return {
    name: `Image ${pull}`,
    lane: 'network',
    after: [],
    seconds: 30,
    isMade: () => hasImage(reference),
    make: () => pullImage(pull, choice),
  };
}

/** Seconds on a machine with two idle cores, for the tasks that take much longer than the default estimate. */
const expected: Record<string, number> = {
  keycloak: 60,
  'Program caddy': 70,
  'Program gitea': 220,
};
