import { type DeployLock, describeHeld } from './deploy-lock.ts';

/** An agent that is to be installed on a server, and what there is. */
export interface AgentInstall {
  own: { version: string; sha256: string };
  /** Version of the agent that is there; null if there is none. */
  installed: string | null;
  /** Who has the deploy lock. The run that brings this agent names it in its claim. */
  held: DeployLock | null;
  /** Services with an operation that is running. */
  busy: string[];
  nowMs: number;
}

/**
 * Why an agent may not be installed now, with what to do; undefined if it may. Set-up writes units and firewall files
 * and may restart Docker, so it never runs beside a deploy, and a version never replaces a newer one.
 */
export function installProblem({ own, installed, held, busy, nowMs }: AgentInstall): string | undefined {
  const older = olderProblem(own.version, installed);
  if (older) return older;
  if (held !== null && held.agent !== own.sha256) return describeHeld(held, nowMs);
  if (busy.length === 0) return undefined;
  return `The agent was not replaced, because an operation is running on ${busy.join(', ')}. Nothing was changed. To see when it has ended, run: haven status   Then run: haven up`;
}

/** Why a version may not take another one's place on a server; undefined if it may. */
export function olderProblem(own: string, there: string | null): string | undefined {
  if (there === null || compareVersions(own, there) >= 0) return undefined;
  return `This server was set up by haven ${there}, and this is haven ${own}. An older version never replaces a newer one. Nothing was changed. Run: npm install --global openhaven@${there}   Then run: haven up`;
}

/** Order of two released versions, `1.2.3`, as semver.org §11 has it for versions without a suffix. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((each) => each.split('.').map(Number));
  const index = left!.findIndex((each, at) => each !== right![at]);
  return index < 0 ? 0 : left![index]! - right![index]!;
}
