import { setTimeout as sleep } from 'node:timers/promises';
import { networkFault } from './network-fault.ts';

/** How long a certificate authority may take for an answer, and how often it is asked again where it gives none. */
export interface AuthorityPatience {
  answerMs: number;
  /** Waits before it is asked again, in milliseconds. */
  waitsMs: number[];
}

/** It wants to be asked later, or has a fault of its own (RFC 8555 §6.6). */
class AuthorityRefusal extends Error {
  readonly status: number;
  readonly retryMs: number | undefined;

  constructor(status: number, detail: string, retryMs: number | undefined) {
    super(detail);
    this.status = status;
    this.retryMs = retryMs;
  }
}

/** It does not know the account (RFC 8555 §6.7). acme-client keeps an answer's text only, so it is told by its type here. */
class UnknownAccount extends Error {}
export const isUnknownAccount = (error: unknown): boolean => error instanceof UnknownAccount;

type Request = Parameters<typeof import('acme-client')['axios']['request']>[0];

/** What an interceptor gets of a request that failed. */
interface Failed {
  /** Its own fields are kept when it is sent again. */
  config?: Request & { retries?: number };
  response?: { status: number; data?: { type?: string; detail?: string }; headers: Record<string, unknown> };
}

/**
 * Loads acme-client, which is large and seldom used. Its own retries wait for more than a minute, have no limit for an
 * answer, and lose the reason where none came ("Cannot read properties of undefined"), so they are replaced here.
 */
export async function loadAcmeClient({ answerMs, waitsMs }: AuthorityPatience) {
  const { default: acme } = await import('acme-client');
  acme.axios.defaults.timeout = answerMs;
  const { response: answers } = acme.axios.interceptors;
  answers.clear();
  answers.use(null, async (error: Failed) => {
    const { config, response } = error;
    const isAnswer = response !== undefined && response.status !== 429 && response.status < 500;
    if (response?.data?.type === 'urn:ietf:params:acme:error:accountDoesNotExist')
      throw new UnknownAccount(response.data.detail ?? 'the account does not exist');
    // The client judges every other status itself.
    if (isAnswer) return response;
    const before = config?.retries ?? 0;
    const wait = waitsMs[before];
    const retryMs = response && Number(response.headers['retry-after'] ?? Number.NaN) * 1000;
    const isSoon = !retryMs || Number.isNaN(retryMs) || retryMs <= (wait ?? 0);
    if (config === undefined || wait === undefined || !isSoon)
      throw response ? new AuthorityRefusal(response.status, response.data?.detail ?? '', retryMs) : error;
    await sleep(wait);
    config.retries = before + 1;
    return acme.axios.request(config);
  });
  return acme;
}

/** An authority by its name, as owners know it. */
export function authorityName(directory: string): string {
  const { hostname } = new URL(directory);
  return hostname.endsWith('.letsencrypt.org') ? "Let's Encrypt" : hostname;
}

/** Why an authority did not do what it was asked: the rest of a sentence that begins with its name, and what to do. */
export function describeAuthorityFault(
  error: unknown,
  directory: string,
): { what: string; remedy: string; isAnswered: boolean } {
  const fault = networkFault(error, new URL(directory).host);
  if (fault !== undefined)
    return { what: fault, remedy: 'Check the connection, then run: haven up', isAnswered: false };
  const { message } = error instanceof Error ? error : { message: String(error) };
  if (error instanceof AuthorityRefusal && error.status >= 500) {
    const what = `can't answer right now: it has a fault of its own (${error.status}).`;
    return { what, remedy: 'Wait a few minutes, then run: haven up', isAnswered: false };
  }
  if (error instanceof AuthorityRefusal) {
    const what = ended(`wants fewer requests (429)${message && `: ${withoutLink(message)}`}`);
    return { what, remedy: `Wait ${durationOf(error.retryMs)}, then run: haven up`, isAnswered: true };
  }
  // acme-client's own words for an answer that is not the one of an authority.
  if (/ACME directory|Failed to get nonce|ACME provider/.test(message))
    return {
      what: "gave an answer that haven doesn't understand, so something else may be answering in its place.",
      remedy: 'Check the connection, then run: haven up',
      isAnswered: false,
    };
  const detail = (error as { response?: { data?: { detail?: string } } }).response?.data?.detail ?? message;
  const what = ended(`refuses that: ${withoutLink(detail)}`);
  return { what, remedy: 'Fix that, then run: haven up', isAnswered: true };
}

/** An authority links to its own documentation, and names types of errors (RFC 8555 §6.7). */
const withoutLink = (text: string): string =>
  text
    .replace(/[:,;]?\s*(?:see\s+)?https?:\/\/\S+/g, '')
    .replaceAll(/urn:ietf:params:acme:error:(\w+)/g, '$1')
    .trim();

function durationOf(ms: number | undefined): string {
  if (!ms) return 'an hour';
  const minutes = Math.ceil(ms / 60_000);
  if (minutes <= 1) return 'a minute';
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

const ended = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
