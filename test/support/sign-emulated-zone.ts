import { type Ds, dsOf } from '../../sandbox/dnssec/zone-key.ts';
import type { CloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { askApi } from './api-client.ts';

/** Sets DNSSEC of the first zone of an emulated Cloudflare, as its owner would there; answers with its DS record. */
export async function signEmulatedZone(
  emulator: CloudflareEmulator,
  status: 'active' | 'disabled' = 'active',
): Promise<Ds> {
  const { id, name } = emulator.state.zones[0]!;
  const { body } = await askApi<{ result: { public_key: string } }>(
    emulator,
    'PATCH',
    `/zones/${id}/dnssec`,
    {
      status,
    },
  );
  return dsOf(name, body.result.public_key);
}
