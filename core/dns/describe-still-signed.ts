import { z } from 'zod';
import { renderDs } from './ds.ts';
import { publisherOf } from './registrar-entries.ts';
import { signedZone } from './zone-signing.ts';

const outputs = z.object({
  ds: z
    .object({ keyTag: z.number(), algorithm: z.number(), digestType: z.number(), digest: z.string() })
    .optional(),
});

/**
 * What `haven destroy` says of zones that were signed for this cloud: they stay signed. A zone that is unsigned while its
 * DS record is published is unreachable for everyone who validates.
 */
export const describeStillSigned = (
  resources: { name: string; outputs: Record<string, unknown> }[],
): string[] =>
  resources.flatMap((resource) => {
    const zone = signedZone(resource.name);
    if (zone === undefined) return [];
    const { ds } = outputs.parse(resource.outputs);
    return [
      `${zone} stays signed (DNSSEC). If you want to end that: first remove its DS record at ${publisherOf(zone)}${ds ? ` (${renderDs(ds)})` : ''}, wait a day, then disable DNSSEC at its DNS provider.`,
    ];
  });
