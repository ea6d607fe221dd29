import type { DnsAnswer } from './dns-answer.ts';

/**
 * What receivers need to evaluate an SPF text. They stop after ten look-ups, of which two may find nothing (RFC 7208 §4.6.4), and
 * then count the whole text as broken, also for our own server. A text that was right when it was written breaks when a sender
 * that it includes changes theirs.
 */
export interface SpfLookUps {
  /** How many look-ups it takes. */
  count: number;
  /** What breaks it; undefined if nothing does. */
  fault?: string;
  /** Why something could not be looked up, so that it was not all counted. */
  unknown?: 'silent' | 'error';
}

export const mostSpfLookUps = 10;
const mostWithoutAnswer = 2;

type LookUp = (name: string, type: 'A' | 'AAAA' | 'MX' | 'TXT') => Promise<DnsAnswer>;

/** Counts the look-ups of a text at `domain`, as a receiver makes them. */
export async function countSpfLookUps(domain: string, text: string, lookUp: LookUp): Promise<SpfLookUps> {
  const walk = new Walk(lookUp);
  await walk.text(domain, text);
  const { count, withoutAnswer, unknown, broken } = walk;
  const fault =
    broken ??
    (count > mostSpfLookUps
      ? `it takes more than ${mostSpfLookUps} look-ups: ${walk.costs.join(', ')}`
      : withoutAnswer.length > mostWithoutAnswer
        ? `it names more than ${mostWithoutAnswer} servers that do not exist: ${withoutAnswer.join(', ')}`
        : undefined);
  return { count, ...(fault === undefined ? {} : { fault }), ...(unknown ? { unknown } : {}) };
}

/** One evaluation. It ends at the first thing that breaks it, and never goes far beyond the limit. */
class Walk {
  count = 0;
  unknown: 'silent' | 'error' | undefined;
  broken: string | undefined;
  readonly withoutAnswer: string[] = [];
  /** What each term of the text itself takes, if it takes any: `include:a.example takes 4`. */
  readonly costs: string[] = [];
  readonly #lookUp: LookUp;

  constructor(lookUp: LookUp) {
    this.#lookUp = lookUp;
  }

  async text(domain: string, text: string, isTop = true): Promise<void> {
    const terms = text.split(' ').slice(1);
    const hasAll = terms.some(isAll);
    for (const term of terms) {
      // After "all" nothing is evaluated, and redirect= has no effect beside it (RFC 7208 §5.1, §6.1).
      if (isAll(term)) return;
      if (hasAll && /^redirect=/i.test(term)) continue;
      if (this.broken !== undefined || this.count > 2 * mostSpfLookUps) return;
      const before = this.count;
      await this.#term(domain, term);
      if (isTop && this.count > before) this.costs.push(`${term} takes ${this.count - before}`);
    }
  }

  async #term(domain: string, term: string): Promise<void> {
    const [, name = '', , target = domain] =
      /^[+?~-]?(a|mx|ptr|exists|include|redirect)([:=]([^/]+))?(?:\/|$)/i.exec(term) ?? [];
    if (name === '') return;
    this.count += 1;
    // A macro depends on the email (RFC 7208 §7).
    if (target.includes('%')) return;
    switch (name.toLowerCase()) {
      case 'include':
      case 'redirect':
        return this.#included(term, target);
      case 'mx':
        return this.#exists(target, ['MX']);
      case 'a':
        return this.#exists(target, ['A', 'AAAA']);
      case 'exists':
        return this.#exists(target, ['A']);
    }
  }

  async #included(term: string, target: string): Promise<void> {
    const found = await this.#lookUp(target, 'TXT');
    if (!Array.isArray(found)) {
      this.unknown = found;
      return;
    }
    const texts = found.filter((each) => /^v=spf1(?: |$)/i.test(each));
    if (texts.length === 1) return this.text(target, texts[0]!, false);
    this.broken = `${term} leads to ${target}, which has ${texts.length === 0 ? 'no SPF record' : `${texts.length} of them`}`;
  }

  async #exists(target: string, types: ('A' | 'AAAA' | 'MX')[]): Promise<void> {
    const found = await Promise.all(types.map((type) => this.#lookUp(target, type)));
    const failure = found.find((each): each is 'silent' | 'error' => !Array.isArray(each));
    if (failure !== undefined) this.unknown = failure;
    else if (found.every((each) => each.length === 0)) this.withoutAnswer.push(target);
  }
}

const isAll = (term: string): boolean => /^[+?~-]?all$/i.test(term);
