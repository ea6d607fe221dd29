import { asciiDomain } from './ascii-domain.ts';
import { domainPattern } from './domain-pattern.ts';

/**
 * Why a text is not a domain name, as the end of a sentence, with what to write where that can be told. `kind` is what is asked
 * for, with an example.
 */
export function describeDomainFault(text: string, kind: string): string {
  const meant = [
    [asciiDomain(text) !== text, 'has characters that DNS does not know', asciiDomain(text)],
    [text.endsWith('.'), 'ends with a dot', text.slice(0, -1)],
    [text.includes('@'), 'is an email address', text.split('@').at(-1) ?? ''],
    [
      /^https?:\/\//i.test(text),
      'is a web address',
      text.replace(/^https?:\/\//i, '').replace(/[:/].*$/, ''),
    ],
    [text.includes('/'), 'has a path', text.replace(/\/.*$/, '')],
    [/:\d+$/.test(text), 'has a port', text.replace(/:\d+$/, '')],
    [text.startsWith('*.'), 'has an asterisk', text.slice(2)],
  ] as const;
  const [, why, name] = meant.find(([is, , each]) => is && domainPattern.test(each)) ?? [];
  return why === undefined ? `is not ${kind}` : `${why}. Write it as "${name}"`;
}
