import { network } from '../../machine/network.ts';

/** A company that sends the email of its customers: a relay, with a login. */
export const relayDomain = 'relay.test';
export const relayHost = `smtp.${relayDomain}`;
/** The account of one customer. */
export const relayAccount = { user: 'customer', password: 'password-at-the-relay' };
/** What it tells its customers to add to their SPF text. */
export const relaySpfMechanism = `include:_spf.${relayDomain}`;

/** The records of its domain, for `registerDomain` (sandbox/control.ts). */
export const relayRecords = [
  { type: 'A', name: 'smtp', content: network.relayIpv4, ttl: 60 },
  { type: 'AAAA', name: 'smtp', content: network.relayIpv6, ttl: 60 },
  {
    type: 'TXT',
    name: '_spf',
    content: `v=spf1 ip4:${network.relayIpv4} ip6:${network.relayIpv6} -all`,
    ttl: 60,
  },
];
