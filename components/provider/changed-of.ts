import { canonical } from '../../core/release/release.ts';
import type { Properties } from './serve.ts';

/** Which of these properties differ. Objects come back from the state with their keys in another order. */
export const changedOf = (names: string[], outputs: Properties, inputs: Properties): string[] =>
  names.filter((each) => canonical(inputs[each]) !== canonical(outputs[each]));
