import type { Ds } from '../../dnssec/zone-key.ts';
import { type ListenOptions, listenApi } from '../http-api.ts';
import { memoryStore, type Store } from '../store.ts';
import { Account } from './account.ts';
import { answerCloudflare } from './api.ts';
import {
  type CloudflareFaults,
  type CloudflareState,
  type DnsRecord,
  initialCloudflare,
  type Zone,
} from './state.ts';
import { registerZone } from './zones.ts';

export interface CloudflareEmulatorOptions extends ListenOptions {
  /** What it remembers; by default no zone, and all is forgotten with this process. */
  store?: Store<CloudflareState>;
  /** Is told a zone that has changed, so that name servers answer with it; by default nobody is told. */
  publish?: (zone: Zone) => Promise<void>;
  /** The DS records that a domain's registrar has published; by default none. */
  parentDs?: (zone: string) => Ds[];
  /** What a client has to show. */
  token?: string;
  /** Domains of the account and their records. Of a record only type, name and content (or data) are required. */
  zones?: Record<string, Partial<DnsRecord>[]>;
  /** What goes wrong from the start. */
  faults?: Partial<CloudflareFaults>;
}

/** An emulator of the Cloudflare API that is listening. */
export interface CloudflareEmulator {
  /** For `CLOUDFLARE_BASE_URL`: `http://127.0.0.1:PORT/client/v4/`. */
  url: string;
  /** For `CLOUDFLARE_API_TOKEN`. */
  token: string;
  /** What it remembers now: zones and their records. Not a copy. */
  readonly state: CloudflareState;
  /** Makes requests fail. Faults that are not named stay as they are. */
  setFaults(faults: Partial<CloudflareFaults>): Promise<void>;
  /** Makes a domain exist, in place of what it was. */
  registerZone(name: string, records?: Partial<DnsRecord>[]): Promise<Zone>;
  close(): Promise<void>;
}

/**
 * Starts the emulator of the Cloudflare API. With its defaults it needs no root, no Docker and no network beyond this
 * machine's own, so a test can hold one in its own process:
 *
 *     const cloudflare = await listenCloudflareEmulator({
 *       zones: { 'example.org': [{ type: 'A', name: 'www', content: '192.0.2.1' }] },
 *     });
 *     t.after(() => cloudflare.close());
 */
export async function listenCloudflareEmulator({
  store = memoryStore(initialCloudflare()),
  publish = async () => undefined,
  parentDs = () => [],
  token = 'cloudflare-emulator-token-00000000000000',
  zones = {},
  faults = {},
  ...where
}: CloudflareEmulatorOptions = {}): Promise<CloudflareEmulator> {
  const account = new Account(store, publish, parentDs);
  Object.assign(account.state.faults, faults);
  for (const [name, records] of Object.entries(zones)) await registerZone(account, name, records);
  const { origin, close } = await listenApi((request) => answerCloudflare(account, token, request), where);
  return {
    url: `${origin}/client/v4/`,
    token,
    get state() {
      return account.state;
    },
    async setFaults(changed) {
      Object.assign(account.state.faults, changed);
      account.save();
    },
    registerZone: (name, records = []) => registerZone(account, name, records),
    close,
  };
}
