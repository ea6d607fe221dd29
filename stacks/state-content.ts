import { createHash } from 'node:crypto';
import type { Deployment } from './pending.ts';
import type { ExportedState } from './state-file.ts';

/** A resource as a state lists it. */
export interface ListedResource {
  urn: string;
  id: string;
}

/** What a state in text (`Engine.exportState`) lists: everything that exists outside of the engine. */
export const listResources = (state: string): ListedResource[] =>
  (deploymentOf(state).resources ?? []).flatMap(({ urn, id, type }) =>
    id && !type.startsWith('pulumi:') ? [{ urn, id }] : [],
  );

/** Whether two states differ in any resource. Null for a state that lists nothing. */
export function stateDigest(state: string): string | null {
  const { resources = [], pending_operations: pending = [] } = deploymentOf(state);
  if (listResources(state).length === 0 && pending.length === 0) return null;
  return createHash('sha256')
    .update(JSON.stringify([resources, pending]))
    .digest('hex');
}

/** The same state, listing nothing. */
export function emptyState(state: string): string {
  const { deployment, ...rest } = JSON.parse(state) as Partial<ExportedState>;
  if (deployment === undefined) return state;
  return JSON.stringify({ ...rest, deployment: { ...deployment, resources: [], pending_operations: [] } });
}

/** The resources that are in one state and not in another. */
export function resourcesOnlyIn(state: string, other: string): ListedResource[] {
  const there = new Set(listResources(other).map(keyOf));
  return listResources(state).filter((each) => !there.has(keyOf(each)));
}

/** Would nothing be forgotten if the other state took this one's place? */
export const isContainedIn = (state: string, other: string): boolean =>
  resourcesOnlyIn(state, other).length === 0 && (deploymentOf(state).pending_operations ?? []).length === 0;

const keyOf = ({ urn, id }: ListedResource): string => `${urn} ${id}`;

const deploymentOf = (state: string): Deployment =>
  ((JSON.parse(state) as Partial<ExportedState>).deployment ?? {}) as Deployment;
