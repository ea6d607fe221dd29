import { stripVTControlCharacters } from 'node:util';

/**
 * Text of a program or a page on one line, so that it can be shown in a sentence on a terminal: without the control
 * characters that a terminal obeys (ECMA-48 §5), and without the marks that reverse what follows (Unicode UAX #9). Cut
 * after `longest` characters.
 */
export function plainText(text: string, longest: number): string {
  // Cut before as well, because a page may be long.
  const clean = stripVTControlCharacters(text.slice(0, longest * 4))
    .replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .trim();
  return clean.length > longest ? `${clean.slice(0, longest)}...` : clean;
}
