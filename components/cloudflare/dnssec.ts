import { z } from 'zod';
import type { ZoneSigning } from '../../core/dns/zone-signing.ts';
import { type Environment, notUnderstood } from '../api-call.ts';
import { ZoneNotFound, type ZoneSigner } from '../dns-provider.ts';
import { CloudflareApi } from './api.ts';

/** A zone's DNSSEC at the API (developers.cloudflare.com/api/resources/dns/subresources/dnssec). */
const details = z.object({
  status: z.enum(['active', 'pending', 'disabled', 'pending-disabled', 'error']),
  flags: z.number().nullish(),
  algorithm: z.coerce.number().nullish(),
  digest_type: z.coerce.number().nullish(),
  digest: z.string().nullish(),
  key_tag: z.number().nullish(),
  public_key: z.string().nullish(),
});

/** DNSSEC of the zones that a token can see. It may be read with DNS:Read and changed with DNS:Edit. */
export class CloudflareDnssec implements ZoneSigner {
  readonly #api: CloudflareApi;

  constructor(environment: Environment) {
    this.#api = new CloudflareApi(environment);
  }

  async look(zone: string): Promise<ZoneSigning> {
    return read(await this.#api.call('GET', await this.#pathOf(zone)));
  }

  /** A zone that is signed already keeps its key and its state. */
  async sign(zone: string): Promise<ZoneSigning> {
    return read(await this.#api.call('PATCH', await this.#pathOf(zone), { status: 'active' }));
  }

  async #pathOf(zone: string): Promise<string> {
    const [found] = await this.#api.list<{ id: string }>(`zones?name=${zone}`);
    if (!found) throw new ZoneNotFound('Cloudflare', zone);
    return `zones/${found.id}/dnssec`;
  }
}

function read(answer: unknown): ZoneSigning {
  const { data } = details.safeParse(answer);
  if (!data) throw notUnderstood('Cloudflare');
  const {
    status,
    flags,
    algorithm,
    digest_type: digestType,
    digest,
    key_tag: keyTag,
    public_key: publicKey,
  } = data;
  const key =
    flags && algorithm && digestType && digest && keyTag != null && publicKey
      ? { key: { ds: { keyTag, algorithm, digestType, digest }, flags, publicKey } }
      : {};
  return { state: stateOf(status, 'key' in key), ...key };
}

/** "Disabled" zones stay signed until DNSSEC is deleted (developers.cloudflare.com/dns/dnssec/dnssec-states). */
function stateOf(status: z.infer<typeof details>['status'], hasKey: boolean): ZoneSigning['state'] {
  switch (status) {
    case 'active':
      return 'secure';
    case 'pending':
      return 'waiting';
    case 'error':
      return 'failed';
    case 'pending-disabled':
      return 'ending';
    case 'disabled':
      return hasKey ? 'ending' : 'off';
  }
}
