import { z } from 'zod';
import { quoteTxt, zoneFileTxt } from '../../emulators/cloudflare/txt.ts';
import { network } from '../../machine/network.ts';
import { dkimContent, type MailKeys, tlsaContent } from './keys.ts';
import { dkimSelector, mailHost, policyHost } from './names.ts';
import { foreignPolicy, policyModes } from './policy.ts';

/**
 * How a test orders the mail server: whether its TLSA record fits its key, does not, or is missing; the mode of its MTA-STS
 * policy; and whether an authority that everyone trusts signed its certificate, or it signed that itself.
 */
export const foreignMailOrder = z.strictObject({
  tlsa: z.enum(['fits', 'wrong', 'none']).default('fits'),
  sts: z.enum(policyModes).default('none'),
  certificate: z.enum(['own', 'trusted']).default('own'),
});
export type ForeignMailOrder = z.infer<typeof foreignMailOrder>;

/** The records of the mail server's zone, below its SOA and NS. */
export function foreignMailRecords(keys: MailKeys, order: ForeignMailOrder): string {
  const text = (name: string, content: string) => `${name} 60 IN TXT ${zoneFileTxt(quoteTxt(content))}`;
  const pins = { fits: tlsaContent(keys.tls), wrong: `3 1 1 ${'0'.repeat(64)}`, none: undefined };
  const pin = pins[order.tlsa];
  const policy = foreignPolicy(order.sts);
  return [
    `@ 60 IN MX 10 ${mailHost}.`,
    `${mailHost}. 60 IN A ${network.mailIpv4}`,
    `${mailHost}. 60 IN AAAA ${network.mailIpv6}`,
    text('@', `v=spf1 ip4:${network.mailIpv4} ip6:${network.mailIpv6} -all`),
    text(`${dkimSelector}._domainkey`, dkimContent(keys.dkim)),
    text('_dmarc', 'v=DMARC1; p=reject'),
    ...(policy
      ? [text('_mta-sts', `v=STSv1; id=${policy.id}`), `${policyHost}. 60 IN A ${network.internetIpv4}`]
      : []),
    ...(pin ? [`_25._tcp.${mailHost}. 60 IN TLSA ${pin}`] : []),
  ].join('\n');
}
