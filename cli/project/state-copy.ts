import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentLink, Unreachable } from '../../components/provider/agent-link.ts';
import type { Engine } from '../../stacks/engine.ts';
import type { Project } from './project.ts';

/**
 * The engine's state lies in the owner's directory, and a sealed copy of it on the server after each change. So it
 * outlives the laptop, and two who work from two directories see each other's changes.
 */
export async function copyState(project: Project, engine: Engine, agent: AgentLink): Promise<void> {
  const at = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const sealed = await project.secrets.seal(await engine.exportState());
  await agent.call(['state-put', at], Buffer.from(sealed).toString('base64'));
  remember(project, at);
}

/**
 * Takes the server's copy in where it is another than the one that was last sent or taken here. Answers with its name;
 * undefined where there was nothing to take.
 */
export async function takeNewerState(
  project: Project,
  engine: Engine,
  agent: AgentLink | undefined,
): Promise<string | undefined> {
  if (!agent) return undefined;
  try {
    const { id } = await agent.call<{ id: string | null }>(['state-newest']);
    if (id === null || id === remembered(project)) return undefined;
    const { sealed } = await agent.call<{ sealed: string }>(['state-get', id]);
    await engine.importState(await project.secrets.unseal(Buffer.from(sealed, 'base64')));
    remember(project, id);
    return id;
  } catch (error) {
    // A server that can't be asked has its say in the plan: what is not verified, and since when.
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

const fileOf = (project: Project): string => join(project.stateFolder, '..', 'state-copy');

function remembered(project: Project): string | undefined {
  return existsSync(fileOf(project)) ? readFileSync(fileOf(project), 'utf8').trim() : undefined;
}

function remember(project: Project, id: string): void {
  writeFileSync(`${fileOf(project)}.new`, `${id}\n`, { flush: true });
  renameSync(`${fileOf(project)}.new`, fileOf(project));
}
