import { type ListenOptions, listenApi } from '../http-api.ts';
import { memoryStore, type Store } from '../store.ts';
import { HetznerApi } from './api.ts';
import type { DataCentre } from './data-centre.ts';
import { StubDataCentre } from './stub-data-centre.ts';
import { type Faults, type HetznerState, initialState } from './types.ts';

export interface HetznerEmulatorOptions extends ListenOptions {
  /** What it remembers; by default an empty project that is forgotten with this process. */
  store?: Store<HetznerState>;
  /** Where its servers are; by default nowhere. */
  dataCentre?: DataCentre;
  /** What a client has to show; by default 64 letters, as many as a real token has. */
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
  Object.assign(store.value.faults, faults);
  const api = new HetznerApi(store, dataCentre, token, delayMs);
  await api.recover();
  const { origin, close } = await listenApi((request) => api.answer(request), where);
  return {
    url: `${origin}/v1`,
    token,
    get state() {
      return api.state;
    },
    setFaults: (changed) => api.setFaults(changed),
    close,
  };
}
