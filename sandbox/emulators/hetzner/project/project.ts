import type { Store } from '../../store.ts';
import { ApiError, notFound } from '../protocol/errors.ts';
import type { DataCentre } from './data-centre.ts';
import type { Firewall, HetznerState, PrimaryIp, Server, SshKey, Thing, Volume } from './state.ts';

/** One customer's project: what it holds, by id, and the data centre where it becomes real. */
export class Project {
  readonly #store: Store<HetznerState>;
  readonly dataCentre: DataCentre;
  /** How long an action takes at least, in milliseconds, so that clients really have to poll. */
  readonly delayMs: number;

  constructor(store: Store<HetznerState>, dataCentre: DataCentre, delayMs: number) {
    this.#store = store;
    this.dataCentre = dataCentre;
    this.delayMs = delayMs;
  }

  get state(): HetznerState {
    return this.#store.value;
  }

  save(): void {
    this.#store.save();
  }

  /** Makes the data centre follow firewalls, addresses and faults. */
  enforce(): Promise<void> {
    return this.dataCentre.enforce(this.state);
  }

  newId(): number {
    this.state.nextId += 1;
    return this.state.nextId;
  }

  /** What every new resource has. */
  newThing({ name, labels = {} }: { name: string; labels?: Record<string, string> | undefined }): Thing {
    return { id: this.newId(), name, created: new Date().toISOString(), labels };
  }

  server(id: number): Server {
    return byId(this.state.servers, 'server', id);
  }
  volume(id: number): Volume {
    return byId(this.state.volumes, 'volume', id);
  }
  primaryIp(id: number): PrimaryIp {
    return byId(this.state.primary_ips, 'primary_ip', id);
  }
  firewall(id: number): Firewall {
    return byId(this.state.firewalls, 'firewall', id);
  }
  sshKey(id: number): SshKey {
    return byId(this.state.ssh_keys, 'ssh_key', id);
  }
}

/** Finds a thing, or answers that there is none, as the API says it. */
export function byId<T extends { id: number }>(list: readonly T[], singular: string, id: number): T {
  const found = list.find((each) => each.id === id);
  if (!found) throw notFound(singular, id);
  return found;
}

/** Names are unique among things of a kind. `except` is the thing that is being renamed. */
export function assertNameIsFree(list: Thing[], singular: string, name: string, except?: Thing): void {
  if (list.some((each) => each.name === name && each !== except))
    throw new ApiError(409, 'uniqueness_error', `${singular} name is already used`, {
      fields: [{ name: 'name' }],
    });
}
