import type { Ds } from '../../dnssec/zone-key.ts';
import type { Store } from '../store.ts';
import { RequestCount } from './rate-limit.ts';
import type { CloudflareState, Zone } from './state.ts';

/** One customer's account: its domains, and the name servers that answer for them. */
export class Account {
  readonly #store: Store<CloudflareState>;
  readonly #publish: (zone: Zone) => Promise<void>;
  /** The DS records that the zone above has for a domain. */
  readonly parentDs: (zone: string) => Ds[];
  /** Forgotten with this process. */
  readonly requests = new RequestCount();

  constructor(
    store: Store<CloudflareState>,
    publish: (zone: Zone) => Promise<void>,
    parentDs: (zone: string) => Ds[],
  ) {
    this.#store = store;
    this.#publish = publish;
    this.parentDs = parentDs;
  }

  get state(): CloudflareState {
    return this.#store.value;
  }

  save(): void {
    this.#store.save();
  }

  /** Makes the name servers answer with what a zone holds now. */
  async publish(zone: Zone): Promise<void> {
    this.save();
    await this.#publish(zone);
  }
}
