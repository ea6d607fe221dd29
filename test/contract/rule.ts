import type { Subject } from './subject.ts';

/** One thing that every service must hold to. It answers with a sentence for each time that it does not. */
export interface Rule {
  /** Also the name of the folder in `mistakes/` that breaks this rule. */
  id: string;
  check(subject: Subject): string[];
}

/** For each item that is wrong, a sentence. */
export const each = <T>(items: T[], isWrong: (item: T) => boolean, sentence: (item: T) => string): string[] =>
  items.filter(isWrong).map(sentence);

/** A sentence where something is wrong. */
export const unless = (isRight: boolean, sentence: string): string[] => (isRight ? [] : [sentence]);
