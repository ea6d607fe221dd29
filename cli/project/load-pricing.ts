import { ApiError, ApiUnreachable } from '../../components/api-call.ts';
import type { HetznerApi } from '../../components/hetzner-api.ts';
import { type Pricing, parsePricing } from '../../core/plan/cost.ts';

/** Prices, or why there are none, as a clause. */
export interface LoadedPricing {
  pricing?: Pricing;
  why?: string;
}

/**
 * Prices from the provider, now. Without an answer there is no figure, rather than an old one. Throws if the token is not
 * accepted.
 */
export async function loadPricing(hetzner: HetznerApi): Promise<LoadedPricing> {
  try {
    const pricing = parsePricing(await hetzner.call('GET', '/pricing'));
    return pricing ? { pricing } : { why: "Hetzner's answer has no prices that haven understands" };
  } catch (error) {
    if (error instanceof ApiUnreachable) return { why: 'Hetzner did not answer' };
    if (!(error instanceof ApiError) || [400, 401, 403].includes(error.status)) throw error;
    return { why: `Hetzner answered ${error.status}` };
  }
}
