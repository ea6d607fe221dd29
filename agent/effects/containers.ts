import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { oneShotLabel } from '../../core/release/one-shot-label.ts';
import { tryRun } from '../../system/run.ts';

/** The name of a service's Compose project. */
export const projectOf = (service: string): string => `haven-${service}`;

/** A container of a service, as Docker lists it. */
export interface Container {
  id: string;
  /** Its name in the compose file. */
  name: string;
  /** `created`, `running`, `restarting`, `exited`, ... (Docker Engine API, ContainerSummary.State). */
  state: string;
  health: 'healthy' | 'unhealthy' | 'starting' | undefined;
  /** Its exit code, once it has ended. */
  exitCode: number | undefined;
  /** Runs once before the others, such as a migration. */
  isOnce: boolean;
}

const isUp = (each: Container): boolean =>
  each.state === 'running' && (each.health === undefined || each.health === 'healthy');
/** A one-shot program that has finished. */
export const isDone = (each: Container): boolean =>
  each.state === 'exited' && each.exitCode === 0 && each.isOnce;

/** Whether these containers are all of a service that is up. */
export const allUp = (containers: Container[]): boolean =>
  containers.some(isUp) && containers.every((each) => isUp(each) || isDone(each));

/** The result of a look at Docker; undefined where Docker does not answer at all. */
export async function ifDockerAnswers<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    const asked = await tryRun('docker', ['version', '--format', '{{.Server.Version}}'], {
      timeoutMs: 30_000,
    });
    if (asked.code === 0) throw error;
    return undefined;
  }
}

const projectLabel = 'com.docker.compose.project';

export async function containersOf(service: string): Promise<Container[]> {
  const project = projectOf(service);
  return (await listContainers(`${projectLabel}=${project}`)).get(project) ?? [];
}

/** The containers of each service that has any. Asks Docker once for all. */
export async function containersOfAll(): Promise<(service: string) => Container[]> {
  const all = await listContainers(projectLabel);
  return (service) => all.get(projectOf(service)) ?? [];
}

/** By Compose project. Asks Docker directly, which takes a fifth of the time that Compose does. */
async function listContainers(label: string): Promise<Map<string, Container[]>> {
  const filters = [`label=${label}`, 'label=com.docker.compose.oneoff=False'];
  const [once] = oneShotLabel.split('=');
  const labels = [projectLabel, 'com.docker.compose.service', once].map((each) => `.Label "${each}"`);
  const format = [...labels, '.ID', '.State', '.Status'].map((each) => `{{${each}}}`).join('\t');
  const asked = filters.flatMap((each) => ['--filter', each]);
  const { stdout } = await tryRun('docker', ['ps', '--all', ...asked, '--format', format]);
  return readContainers(stdout);
}

/** Lines of project, name, label of a one-shot program, id, state and status, with tabs between them. */
export function readContainers(listed: string): Map<string, Container[]> {
  const all = new Map<string, Container[]>();
  for (const line of listed.split('\n').filter(Boolean)) {
    const [project = '', name = '', once = '', id = '', state = '', status = ''] = line.split('\t');
    const container = { id, name, state, ...readStatus(status), isOnce: once !== '' };
    all.set(project, [...(all.get(project) ?? []), container]);
  }
  return all;
}

/** `Up 3 seconds (healthy)`, `Up 1 second (health: starting)`, `Exited (2) 3 seconds ago`, `Restarting (2) ...` */
export function readStatus(status: string): Pick<Container, 'health' | 'exitCode'> {
  const [, ended] = /^(?:Exited|Restarting) \((\d+)\)/.exec(status) ?? [];
  const [, health] = /\((?:health: )?(healthy|unhealthy|starting)\)$/.exec(status) ?? [];
  return {
    health: health as Container['health'],
    exitCode: ended === undefined ? undefined : Number(ended),
  };
}

/** Whether all containers of a service are running, and healthy where they have a health check. */
export async function isRunning(folder: string, service: string): Promise<boolean> {
  return isAllUp(folder, await containersOf(service));
}

/** {@link isRunning}, by what Docker said of its containers. */
export const isAllUp = (folder: string, containers: Container[]): boolean =>
  existsSync(join(folder, 'compose.yaml')) && allUp(containers);
