import type { RateLimit } from './rate-limit.ts';

/** What an account at Cloudflare holds. Field names are the API's own (developers.cloudflare.com/api). */
export interface CloudflareState {
  zones: Zone[];
  faults: CloudflareFaults;
}

/** What goes wrong at Cloudflare. Set by tests, never through the API. */
export interface CloudflareFaults {
  /** The next so many requests are answered with an error of the server. */
  failNext: number;
  /** How many requests an account has; without it, as many as it likes. */
  rateLimit?: RateLimit | undefined;
}

export interface Zone {
  id: string;
  name: string;
  status: 'active' | 'pending';
  records: DnsRecord[];
  serial: number;
  /** Left out as long as DNSSEC was never enabled. */
  dnssec?: ZoneDnssec;
}

/** How a zone is signed. */
export interface ZoneDnssec {
  /** The key that signs the zone, as PEM. The API shows its public half. */
  privateKey: string;
  status: 'active' | 'pending' | 'disabled' | 'pending-disabled';
  /** `null` once DNSSEC was deleted: only then is a zone not signed. */
  modified_on: string | null;
}

export interface DnsRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  priority?: number;
  data?: Record<string, unknown>;
  comment: string | null;
  tags: string[];
  settings: Record<string, unknown>;
  created_on: string;
  modified_on: string;
}

/** A new account, without a domain. */
export const initialCloudflare = (): CloudflareState => ({ zones: [], faults: { failNext: 0 } });
