import { registries } from '../../cli/project/image-lookups.ts';
import { anyImage } from './typist.ts';

/** What a command asked registries for: an image without its digest, and for how long it waits. */
export interface AskedImage {
  image: string;
  timeoutMs: number | undefined;
}

/**
 * Lets registries answer in words of the test: an image has so many bytes, or is refused. Images that are not listed are
 * there. Returns what they are asked for, in order.
 */
export function stubRegistries(answers: Record<string, number | Error> = {}): AskedImage[] {
  const asked: AskedImage[] = [];
  registries.ask = async (reference, architecture, timeoutMs) => {
    const image = reference.replace(/@.*$/, '');
    asked.push({ image, timeoutMs });
    const answer = answers[image];
    if (answer instanceof Error) throw answer;
    const found = await anyImage(reference, architecture);
    return { ...found, ...(answer === undefined ? {} : { bytes: answer }) };
  };
  return asked;
}

/** What Node's fetch throws where no name server answers. */
export const away = (): Error =>
  Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('lookup'), { code: 'ENOTFOUND' }),
  });
