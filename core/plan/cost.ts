import type { Plan } from './plan.ts';

/** Prices as Hetzner's API gives them (GET /pricing): decimal strings, by location. */
export interface Pricing {
  currency: string;
  server_types: { name: string; prices: { location: string; price_monthly: { gross: string } }[] }[];
  primary_ips: { type: string; prices: { location: string; price_monthly: { gross: string } }[] }[];
  volume: { price_per_gb_month: { gross: string } };
}

export interface MonthlyCost {
  currency: string;
  total: number;
  parts: { what: string; amount: number }[];
}

/** What a plan costs each month, taxes included, by the provider's own prices. */
export function monthlyCost(plan: Plan, pricing: Pricing): MonthlyCost {
  const at = (prices: { location: string; price_monthly: { gross: string } }[] | undefined) =>
    Number(prices?.find((each) => each.location === plan.server.location)?.price_monthly.gross ?? Number.NaN);
  const parts = [
    {
      what: `server ${plan.server.type}`,
      amount: at(pricing.server_types.find((each) => each.name === plan.server.type)?.prices),
    },
    { what: 'IPv4 address', amount: at(pricing.primary_ips.find((each) => each.type === 'ipv4')?.prices) },
    {
      what: `volume ${plan.volume.sizeGb} GB`,
      amount: Number(pricing.volume.price_per_gb_month.gross) * plan.volume.sizeGb,
    },
  ];
  return { currency: pricing.currency, total: parts.reduce((sum, each) => sum + each.amount, 0), parts };
}
