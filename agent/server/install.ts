import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { installProblem } from '../../core/operations/agent-install.ts';
import { tryRun } from '../../system/run.ts';
import { syncFolder } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { agentVersion } from './agent-version.ts';
import { ServerLock, sinceBoot } from './deploy-lock.ts';
import { agentFiles } from './server-files.ts';

/**
 * Installs this agent, whose file is the draft, in place of the one that is there, and sets the server up. Throws
 * while another run has the deploy lock or an operation is running, and if the agent there is newer.
 */
export async function installAgent(
  layout: Layout,
  { draft, open, setUp }: { draft: string; open: string[]; setUp: () => Promise<string[]> },
): Promise<string[]> {
  const lock = new ServerLock(layout);
  const held = lock.held();
  const sha256 = createHash('sha256').update(readFileSync(draft)).digest('hex');
  const problem = installProblem({
    own: { version: agentVersion, sha256 },
    installed: await installedVersion(),
    held,
    busy: await runningOperations(open),
    nowMs: sinceBoot(),
  });
  if (problem) throw new Error(problem);
  const install = async (): Promise<string[]> => {
    renameSync(draft, agentFiles.program);
    syncFolder(dirname(agentFiles.program));
    return setUp();
  };
  // The run that brings this agent has the lock; where nobody has it, nobody gets it meanwhile.
  return held ? install() : lock.whileUnchanged(install);
}

/** sha256 of the agent that is on this server, hex. */
export const ownHash = (): string =>
  createHash('sha256').update(readFileSync(agentFiles.program)).digest('hex');

/** Null as well if the agent there is broken and can't say. */
async function installedVersion(): Promise<string | null> {
  if (!existsSync(agentFiles.program)) return null;
  const said = await tryRun(process.execPath, [agentFiles.program, 'hello']);
  return /"version":"(\d+\.\d+\.\d+)"/.exec(said.stdout)?.[1] ?? null;
}

/** Services of these whose operation is running, and not only waiting to be taken up again. */
export async function runningOperations(services: string[]): Promise<string[]> {
  const active = await Promise.all(
    services.map((each) => tryRun('systemctl', ['is-active', '--quiet', `haven-op-${each}.service`])),
  );
  return services.filter((_, index) => active[index]!.code === 0);
}
