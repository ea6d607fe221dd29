import { stripVTControlCharacters } from 'node:util';

/**
 * Text of a program without what would steer a terminal: escape sequences, and every control character but tab and
 * line feed. What a container says is only ever shown like this.
 */
export const printable = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll('\r\n', '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go.
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
