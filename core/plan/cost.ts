import { z } from 'zod';
import type { Change } from './changes.ts';
import type { Plan } from './plan.ts';

const decimal = z.string().regex(/^\d+(\.\d+)?$/);
/** A price without and with VAT, as Hetzner's API gives it: decimal strings. */
const priceSchema = z.object({ net: decimal, gross: decimal });
const byLocation = z.array(z.object({ location: z.string(), price_monthly: priceSchema }));
const pricingSchema = z.object({
  currency: z.string(),
  vat_rate: decimal,
  server_types: z.array(z.object({ name: z.string(), prices: byLocation })),
  primary_ips: z.array(z.object({ type: z.string(), prices: byLocation })),
  volume: z.object({ price_per_gb_month: priceSchema }),
});

type Price = z.infer<typeof priceSchema>;
type PricesByLocation = z.infer<typeof byLocation>;

/** Prices as Hetzner's API gives them (GET /pricing), with the VAT rate and the currency of the project's owner. */
export type Pricing = z.infer<typeof pricingSchema>;

/** Undefined where an answer has no prices in that form, or one that is not a number. */
export const parsePricing = (answer: unknown): Pricing | undefined =>
  z.object({ pricing: pricingSchema }).safeParse(answer).data?.pricing;

/** Money each month, without and with VAT. */
export interface Amount {
  net: number;
  gross: number;
}

export interface MonthlyCost extends Amount {
  currency: string;
  /** The VAT rate of the account at the provider, in percent. */
  vatPercent: number;
  /** What the shown changes add; negative if it gets cheaper. */
  added: Amount;
  parts: (Amount & { what: string })[];
}

const nothing: Amount = { net: 0, gross: 0 };
const plus = (a: Amount, b: Amount): Amount => ({ net: a.net + b.net, gross: a.gross + b.gross });
const minus = (a: Amount, b: Amount): Amount => ({ net: a.net - b.net, gross: a.gross - b.gross });

/** What a plan costs each month by the provider's own prices; undefined if there is no price for a part of it. */
export function monthlyCost(plan: Plan, changes: Change[], pricing: Pricing): MonthlyCost | undefined {
  const { location, type } = plan.server;
  const server = priceOf('hcloud:index/server:Server', { serverType: type }, location, pricing);
  const address = priceOf('hcloud:index/primaryIp:PrimaryIp', { type: 'ipv4' }, location, pricing);
  const volume = priceOf('hcloud:index/volume:Volume', { size: plan.volume.sizeGb }, location, pricing);
  if (!server || !address || !volume) return undefined;
  const parts = [
    { what: `server ${type}`, ...server },
    { what: 'IPv4 address', ...address },
    { what: `volume ${plan.volume.sizeGb} GB`, ...volume },
  ];
  const of = (change: Change, inputs: Record<string, unknown> | undefined) =>
    (inputs && priceOf(change.type, inputs, location, pricing)) ?? nothing;
  const added = changes
    .filter(({ kind }) => kind !== 'keep')
    .map((change) => minus(of(change, change.after), of(change, change.before)))
    .reduce(plus, nothing);
  return {
    currency: pricing.currency,
    vatPercent: Number(pricing.vat_rate),
    ...parts.reduce(plus, nothing),
    added,
    parts,
  };
}

/** What resources cost each month together; undefined if there is no price for one of them. */
export function costOf(
  resources: { type: string; inputs: Record<string, unknown> }[],
  location: string,
  pricing: Pricing,
): Amount | undefined {
  const amounts = resources.map(({ type, inputs }) => priceOf(type, inputs, location, pricing));
  return amounts.reduce<Amount | undefined>((sum, each) => sum && each && plus(sum, each), nothing);
}

/** What one resource costs each month; zero for what is free, undefined if there is no price for it. */
function priceOf(
  type: string,
  inputs: Record<string, unknown>,
  location: string,
  pricing: Pricing,
): Amount | undefined {
  const here = (prices: PricesByLocation | undefined) =>
    amount(prices?.find((each) => each.location === String(inputs.location ?? location))?.price_monthly);
  switch (type) {
    case 'hcloud:index/server:Server':
      return here(pricing.server_types.find((each) => each.name === inputs.serverType)?.prices);
    case 'hcloud:index/primaryIp:PrimaryIp':
      return here(pricing.primary_ips.find((each) => each.type === inputs.type)?.prices);
    case 'hcloud:index/volume:Volume':
      return amount(pricing.volume.price_per_gb_month, Number(inputs.size));
    default:
      return nothing;
  }
}

function amount(price: Price | undefined, times = 1): Amount | undefined {
  if (!price) return undefined;
  return { net: Number(price.net) * times, gross: Number(price.gross) * times };
}

/** `5.75 EUR a month without VAT, 6.84 with 19 % VAT` */
export const renderAmount = ({ net, gross }: Amount, vatPercent: number, unit: string): string =>
  `${net.toFixed(2)} ${unit} without VAT, ${gross.toFixed(2)} with ${vatPercent} % VAT`;
