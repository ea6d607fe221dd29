import { z } from 'zod';
import {
  type Ds,
  dsOf,
  generateZoneKey,
  keyAlgorithm,
  keyFlags,
  publicKeyOf,
  renderDs,
} from '../../dnssec/zone-key.ts';
import type { ApiAnswer, ApiRequest } from '../http-api.ts';
import type { Account } from './account.ts';
import { ok } from './answers.ts';
import { CloudflareError } from './errors.ts';
import type { Zone, ZoneDnssec } from './state.ts';

/** `pending` and `pending-disabled` wait for the registrar: until the DS record is there, or no longer there. */
const wanted = z.strictObject({
  status: z.enum(['active', 'disabled']).optional(),
  // The sandbox has one signer, which makes its own signatures and NSEC records.
  dnssec_multi_signer: z.literal(false).nullish(),
  dnssec_presigned: z.literal(false).nullish(),
  dnssec_use_nsec3: z.literal(false).nullish(),
});

/**
 * `/zones/ZONE/dnssec` (developers.cloudflare.com/dns/dnssec/dnssec-states): whether a zone is signed, and the DS record for its
 * registrar. A zone keeps its key for ever. Undefined where there is no such request.
 */
export async function answerDnssec(
  account: Account,
  zone: Zone,
  { method, body }: Pick<ApiRequest, 'method' | 'body'>,
): Promise<ApiAnswer | undefined> {
  settle(account, zone);
  switch (method) {
    case 'GET':
      return ok(show(zone));
    case 'PATCH':
      await change(account, zone, body);
      return ok(show(zone));
    case 'DELETE':
      await remove(account, zone);
      return ok('dnssec deleted');
    default:
      return undefined;
  }
}

async function change(account: Account, zone: Zone, body: unknown): Promise<void> {
  const parsed = wanted.safeParse(body);
  if (!parsed.success) throw new CloudflareError(400, 1004, z.prettifyError(parsed.error));
  const { status } = parsed.data;
  const now = zone.dnssec?.status ?? 'disabled';
  const isOn = now === 'active' || now === 'pending';
  if (status === undefined || isOn === (status === 'active')) return;
  zone.dnssec = {
    privateKey: zone.dnssec?.privateKey ?? generateZoneKey(),
    status: status === 'active' ? 'pending' : 'pending-disabled',
    modified_on: new Date().toISOString(),
  };
  settle(account, zone);
  await publish(account, zone);
}

/** Ends signing. Its code and words are the sandbox's own: what Cloudflare answers is not documented. */
async function remove(account: Account, zone: Zone): Promise<void> {
  const { dnssec } = zone;
  if (!dnssec) return;
  if (dnssec.status !== 'disabled') {
    const message = `DNSSEC is ${dnssec.status}. It can be deleted once it is disabled: disable it, and remove the DS record at the registrar.`;
    throw new CloudflareError(400, 1001, message);
  }
  dnssec.modified_on = null;
  await publish(account, zone);
}

async function publish(account: Account, zone: Zone): Promise<void> {
  zone.serial += 1;
  await account.publish(zone);
}

/** Brings the status in line with what the zone above says; that has no effect on what the name servers answer. */
function settle(account: Account, zone: Zone): void {
  const { dnssec } = zone;
  if (!dnssec || dnssec.modified_on === null) return;
  const own = renderDs(dsOf(zone.name, publicKeyOf(dnssec.privateKey)));
  const isAtParent = account.parentDs(zone.name).some((ds) => renderDs(ds).toUpperCase() === own);
  dnssec.status = settled(dnssec.status, isAtParent);
}

function settled(status: ZoneDnssec['status'], isAtParent: boolean): ZoneDnssec['status'] {
  switch (status) {
    case 'pending':
    case 'active':
      return isAtParent ? 'active' : 'pending';
    case 'pending-disabled':
      return isAtParent ? 'pending-disabled' : 'disabled';
    case 'disabled':
      return 'disabled';
  }
}

/** As the API shows it: `algorithm` and `digest_type` are texts, `flags` and `key_tag` numbers. */
function show({ name, dnssec }: Zone) {
  if (!dnssec || dnssec.modified_on === null) return unsigned;
  const publicKey = publicKeyOf(dnssec.privateKey);
  const ds: Ds = dsOf(name, publicKey);
  return {
    status: dnssec.status,
    flags: keyFlags,
    algorithm: String(keyAlgorithm),
    key_type: 'ECDSAP256SHA256',
    digest_type: String(ds.digestType),
    digest_algorithm: 'SHA256',
    digest: ds.digest,
    ds: `${name}. 3600 IN DS ${renderDs(ds)}`,
    key_tag: ds.keyTag,
    public_key: publicKey,
    modified_on: dnssec.modified_on,
    ...oneSigner,
  };
}

const oneSigner = { dnssec_multi_signer: false, dnssec_presigned: false, dnssec_use_nsec3: false };

/** A zone for which DNSSEC was never enabled, or was deleted. */
const unsigned = {
  status: 'disabled',
  flags: null,
  algorithm: null,
  key_type: null,
  digest_type: null,
  digest_algorithm: null,
  digest: null,
  ds: null,
  key_tag: null,
  public_key: null,
  modified_on: null,
  ...oneSigner,
};
