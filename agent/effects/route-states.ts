import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RouteState } from '../../core/release/routes.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff } from '../store/running.ts';
import { knownServices, type ServiceInMaintenance } from './services-in-maintenance.ts';

/** How each service answers its visitors. */
export type RouteStates = Map<string, RouteState>;

const closedStates = ['maintenance', 'stopped'] as const;

/** A service that writes through one in maintenance is in maintenance with it. */
export function wantedStates(layout: Layout, inMaintenance: ServiceInMaintenance[]): RouteStates {
  const held = inMaintenance.flatMap(({ service, releases }) => [
    service,
    ...releases.flatMap(({ writers }) => writers),
  ]);
  const states: RouteStates = new Map();
  for (const service of knownServices(layout))
    states.set(service, isSwitchedOff(layout, service) ? 'stopped' : 'open');
  for (const service of held) states.set(service, 'maintenance');
  return states;
}

/**
 * Makes the files that Caddy looks for with each request: one for each service that is closed, in the folder of its state.
 * Returns whether a service entered maintenance.
 */
export function writeStates(layout: Layout, states: RouteStates): boolean {
  const written = new Map(
    closedStates.map((state) => {
      mkdirSync(layout.routeStates(state), { recursive: true });
      return [state, readdirSync(layout.routeStates(state))];
    }),
  );
  // First what closes, so that a service that goes from one of these states to the other is not open in between.
  for (const [service, state] of states)
    if (state !== 'open' && !written.get(state)?.includes(service))
      writeDurably(join(layout.routeStates(state), service), '');
  for (const state of closedStates)
    for (const name of written.get(state) ?? [])
      if (states.get(name) !== state) rmSync(join(layout.routeStates(state), name), { recursive: true });
  return [...states].some(
    ([service, state]) => state === 'maintenance' && !written.get(state)?.includes(service),
  );
}
