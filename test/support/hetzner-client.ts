import type { TestContext } from 'node:test';
import {
  type HetznerEmulator,
  type HetznerEmulatorOptions,
  listenHetznerEmulator,
} from '../../sandbox/emulators/hetzner/listen.ts';
import type { Action } from '../../sandbox/emulators/hetzner/project/state.ts';
import { StubDataCentre } from '../../sandbox/emulators/hetzner/project/stub-data-centre.ts';
import { type Answer, askApi } from './api-client.ts';

/** What the tests read of answers of the Hetzner API. */
export interface HetznerBody {
  server: {
    id: number;
    status: string;
    volumes: number[];
    public_net: Record<string, { ip: string } | null>;
  };
  volume: { id: number; server: number | null; size: number; linux_device: string };
  primary_ip: { id: number; ip: string; dns_ptr: unknown; assignee_id: number | null };
  firewall: { id: number; rules: unknown[]; applied_to: unknown[] };
  ssh_key: { id: number; fingerprint: string };
  action: Action;
  actions: Action[];
  next_actions: Action[];
  error: { code: string; message: string; details: unknown };
  meta: { pagination: Record<string, number | null> };
}

/** An emulator of Hetzner Cloud for one test, which says what its data centre was ordered to do. */
export async function openHetzner(
  t: TestContext,
  {
    dataCentre = new StubDataCentre(),
    ...options
  }: HetznerEmulatorOptions & { dataCentre?: StubDataCentre } = {},
) {
  const hetzner: HetznerEmulator = await listenHetznerEmulator({ dataCentre, ...options });
  t.after(() => hetzner.close());
  const ask = (method: string, path: string, body?: unknown): Promise<Answer<HetznerBody>> =>
    askApi(hetzner, method, path, body);
  /** Asks, and waits until the actions of the answer have ended well. */
  const settle = async (method: string, path: string, body?: unknown): Promise<Answer<HetznerBody>> => {
    const answer = await ask(method, path, body);
    if (answer.status >= 400) throw new Error(answer.body.error.message);
    const { action, actions = [], next_actions = [] } = answer.body ?? {};
    for (const { id } of [...(action ? [action] : []), ...actions, ...next_actions]) await ended(id);
    return answer;
  };
  const ended = async (id: number): Promise<void> => {
    for (;;) {
      const { action } = (await ask('GET', `/actions/${id}`)).body;
      if (action.status === 'success') return;
      if (action.status === 'error') throw new Error(action.error?.message);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { ...hetzner, state: hetzner.state, orders: dataCentre.orders, ask, settle };
}

/** The body of a server with as little as can be. */
export const smallServer = { name: 'one', server_type: 'cx23', image: 'debian-13', location: 'fsn1' };
