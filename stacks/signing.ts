import type * as pulumi from '@pulumi/pulumi';
import { dnsProvider } from '../components/dns-providers.ts';
import { ZoneSigning } from '../components/haven-resources.ts';
import { zonesToSign } from '../core/dns/describe-signing.ts';
import { signingKey } from '../core/dns/zone-signing.ts';
import type { Plan } from '../core/plan/plan.ts';

/** Has the zones signed that a plan wants signed, as far as their DNS providers can. */
export const signZones = ({ zones }: Pick<Plan, 'zones'>, dependsOn: pulumi.Resource[]): pulumi.Resource[] =>
  zonesToSign(zones)
    .filter(({ dns }) => dnsProvider(dns).signer)
    .map(({ name: zone, dns }) => new ZoneSigning(signingKey(zone), { zone, dns }, { dependsOn }));
