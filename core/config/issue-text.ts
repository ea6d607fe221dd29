import type { z } from 'zod';

/** What a value must be, by the name of zod's type. */
const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a group of settings, one "name: value" per line',
  record: 'a group of settings, one "name: value" per line',
  array: 'a list, one "- value" per line',
};

/**
 * What is wrong with a value, as the end of a sentence. A schema with its own message is quoted; zod's built-in
 * messages ("Invalid input: expected object, received null") are written for programmers and are replaced.
 */
export function issueText(issue: z.core.$ZodIssue, given: unknown): string {
  if (!/^(Invalid|Too (small|big))\b/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type': {
      const isQuoted = typeof given === 'string' && given.trim() !== '' && !Number.isNaN(Number(given));
      const wantsNumber = issue.expected === 'number' || issue.expected === 'int';
      return `must be ${kinds[issue.expected] ?? issue.expected}${wantsNumber && isQuoted ? ', without quotes' : ''}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of: '}${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? issue.minimum === 1
          ? 'must not be empty'
          : `must have at least ${issue.minimum} characters`
        : issue.origin === 'array'
          ? `must have at least ${entries(issue.minimum)}`
          : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : issue.origin === 'array'
          ? `must have at most ${entries(issue.maximum)}`
          : `must be at most ${issue.maximum}`;
    case 'invalid_format':
      return 'is not valid';
    default:
      return issue.message;
  }
}

const entries = (count: number | bigint): string => (Number(count) === 1 ? 'one entry' : `${count} entries`);

export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
