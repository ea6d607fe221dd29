import { ApiError } from '../protocol/errors.ts';

/** What goes wrong at Hetzner: types that are sold out, limits of new accounts. Set by tests, never through the API. */
export interface Faults {
  /** Server types that are sold out everywhere. */
  soldOut: string[];
  /** The next so many requests are answered with rate_limit_exceeded. */
  rateLimitNext: number;
  /** How many servers this project may have; the default of a new account. */
  serverLimit: number;
  /** An account that Hetzner has not verified can create nothing. */
  unverified: boolean;
  /** What becomes of TCP to the ports 25 and 465 outside, on every server. Hetzner blocks them for a new customer. */
  outgoingMail: Record<'ipv4' | 'ipv6', MailPorts>;
}

/** `blocked` drops packets, so a connection times out; `slow` lets a few packets a second pass. */
export type MailPorts = 'open' | 'blocked' | 'slow';

/** A project on a day without trouble, whose owner has asked Hetzner to open the ports for mail. */
export const noFaults = (): Faults => ({
  soldOut: [],
  rateLimitNext: 0,
  serverLimit: 10,
  unverified: false,
  outgoingMail: { ipv4: 'open', ipv6: 'open' },
});

/** Refuses a request, whatever it asks for. Counts requests that the rate limit refuses. */
export function refuseByFault(faults: Faults, method: string): void {
  if (faults.rateLimitNext > 0) {
    faults.rateLimitNext--;
    throw new ApiError(429, 'rate_limit_exceeded', 'limit of 3600 requests per hour reached');
  }
  if (method === 'POST' && faults.unverified)
    throw new ApiError(403, 'forbidden', 'your account is not yet verified');
}

/** Refuses a server of a type that is sold out, or not offered at all in this location. */
export function assertAvailable(
  faults: Faults,
  type: { name: string; locations: { name: string }[] },
  location: string,
): void {
  if (faults.soldOut.includes(type.name) || !type.locations.some((each) => each.name === location))
    throw new ApiError(
      412,
      'resource_unavailable',
      `error during placement: ${type.name} is not available in ${location}`,
    );
}

/** Refuses one server more than this account may have. */
export function assertServerLimit(faults: Faults, servers: number): void {
  if (servers >= faults.serverLimit)
    throw new ApiError(403, 'resource_limit_exceeded', 'server limit exceeded');
}
