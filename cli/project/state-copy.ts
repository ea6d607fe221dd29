import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentLink, Unreachable } from '../../components/provider/agent-link.ts';
import type { Project } from './project.ts';
import { findAddress } from './server-link.ts';
import type { Session, SessionEngine } from './session.ts';

/**
 * The engine's state is in the owner's directory, and after each change an encrypted copy of it is stored on the server.
 * So the state survives the loss of a laptop, and two directories see each other's changes.
 */
export async function copyState(project: Project, engine: SessionEngine, agent: AgentLink): Promise<void> {
  const sealed = await project.secrets.seal(await engine.exportState());
  const { id } = await agent.call<{ id: string }>(['state-put'], Buffer.from(sealed).toString('base64'));
  remember(project, id);
}

/**
 * Makes something from the newest state. The server is asked for its copy at the same time, since that is newer only
 * where the cloud was changed from another directory: then it is taken, and the work is done again.
 */
export async function fromNewestState<T>(
  project: Project,
  session: Session,
  log: (text: string) => void,
  make: () => Promise<T>,
): Promise<T> {
  const [asked, made] = await Promise.allSettled([findNewerCopy(project, session), make()]);
  if (asked.status === 'rejected') throw asked.reason;
  if (asked.value) {
    await takeCopy(project, session.engine, asked.value, log);
    return make();
  }
  if (made.status === 'rejected') throw made.reason;
  return made.value;
}

/** Takes in the server's copy where it is newer. Answers whether there was one. */
export async function takeNewerState(
  project: Project,
  session: Session,
  log: (text: string) => void,
): Promise<boolean> {
  const copy = await findNewerCopy(project, session);
  if (copy) await takeCopy(project, session.engine, copy, log);
  return copy !== undefined;
}

interface StateCopy {
  id: string;
  sealed: string;
}

/** The server's copy, where it is another than the one that was last sent or taken here. */
async function findNewerCopy(project: Project, { agentAt }: Session): Promise<StateCopy | undefined> {
  const address = await findAddress(project);
  if (address === undefined) return undefined;
  const agent = agentAt(address);
  try {
    const { id } = await agent.call<{ id: string | null }>(['state-newest']);
    if (id === null || id === remembered(project)) return undefined;
    return await agent.call<StateCopy>(['state-get', id]);
  } catch (error) {
    // The plan says of a server that can't be asked what is not verified, and since when.
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

async function takeCopy(
  project: Project,
  engine: SessionEngine,
  { id, sealed }: StateCopy,
  log: (text: string) => void,
): Promise<void> {
  await engine.importState(await project.secrets.unseal(Buffer.from(sealed, 'base64')));
  remember(project, id);
  log(`  The state of this cloud was taken from its server (copy ${id}): it was changed from elsewhere.`);
}

const fileOf = (project: Project): string => join(project.stateFolder, '..', 'state-copy');

function remembered(project: Project): string | undefined {
  return existsSync(fileOf(project)) ? readFileSync(fileOf(project), 'utf8').trim() : undefined;
}

function remember(project: Project, id: string): void {
  writeFileSync(`${fileOf(project)}.new`, `${id}\n`, { flush: true });
  renameSync(`${fileOf(project)}.new`, fileOf(project));
}
