import { ApiError, ApiUnreachable } from '../../components/api-call.ts';
import { ZoneNotFound } from '../../components/dns-provider.ts';
import { lookAtSigning } from '../../components/dns-providers.ts';
import { describeWaiting, zonesToSign } from '../../core/dns/describe-signing.ts';
import type { Session } from './session.ts';

/** What the owner has to enter at their registrar for DNSSEC, in lines; or why that is not known now. */
export async function waitingZones({
  plan,
  environment,
}: Pick<Session, 'plan' | 'environment'>): Promise<string[]> {
  try {
    return describeWaiting(plan.zones, await lookAtSigning(zonesToSign(plan.zones), environment));
  } catch (error) {
    const isOfProvider =
      error instanceof ApiError || error instanceof ApiUnreachable || error instanceof ZoneNotFound;
    if (!isOfProvider) throw error;
    return [
      `What your registrar needs for DNSSEC is not known: ${error.message} To see it later, run: haven mail check`,
    ];
  }
}
