import { styleText } from 'node:util';

/** In front of what succeeded or is well, and of what did not or is not. */
export const mark = (good: boolean): string => (good ? styleText('green', '✔') : styleText('red', '✖'));
