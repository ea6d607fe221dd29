import { type ListenOptions, listenApi } from '../http-api.ts';
import { memoryStore, type Store } from '../store.ts';
import { answerHetzner } from './api.ts';
import type { DataCentre } from './project/data-centre.ts';
import { type Faults, noFaults } from './project/faults.ts';
import { Project } from './project/project.ts';
import { type HetznerState, initialState } from './project/state.ts';
import { StubDataCentre } from './project/stub-data-centre.ts';
import { recover } from './recover.ts';

export interface HetznerEmulatorOptions extends ListenOptions {
  /** What it remembers; by default an empty project that is forgotten with this process. */
  store?: Store<HetznerState>;
  /** Where its servers are; by default nowhere. */
  dataCentre?: DataCentre;
  /** The token that clients must send; by default 64 characters, as long as a real one. */
  token?: string;
  /** How long an action takes at least, in milliseconds; by default 10, so that clients have to poll. */
  delayMs?: number;
  /** What goes wrong from the start. */
  faults?: Partial<Faults>;
}

/** An emulator of the Hetzner Cloud API that is listening. */
export interface HetznerEmulator {
  /** For `HCLOUD_ENDPOINT`: `http://127.0.0.1:PORT/v1`. */
  url: string;
  /** For `HCLOUD_TOKEN`. */
  token: string;
  /** What it remembers now: servers, volumes, addresses and so on. Not a copy. */
  readonly state: HetznerState;
  /** Makes things go wrong, or right again. Faults that are not named stay as they are. */
  setFaults(faults: Partial<Faults>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the emulator of the Hetzner Cloud API. With its defaults it needs no root, no Docker and no network beyond
 * this machine's own, so a test can hold one in its own process:
 *
 *     const hetzner = await listenHetznerEmulator({ faults: { soldOut: ['cx23'] } });
 *     t.after(() => hetzner.close());
 */
export async function listenHetznerEmulator({
  store = memoryStore(initialState()),
  dataCentre = new StubDataCentre(),
  token = 'x'.repeat(64),
  delayMs = 10,
  faults = {},
  ...where
}: HetznerEmulatorOptions = {}): Promise<HetznerEmulator> {
  const project = new Project(store, dataCentre, delayMs);
  project.state.faults = { ...noFaults(), ...project.state.faults, ...faults };
  await recover(project);
  const { origin, close } = await listenApi((request) => answerHetzner(project, token, request), where);
  return {
    url: `${origin}/v1`,
    token,
    get state() {
      return project.state;
    },
    async setFaults(changed) {
      Object.assign(project.state.faults, changed);
      project.save();
      await project.enforce();
    },
    close,
  };
}
