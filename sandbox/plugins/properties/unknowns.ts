import { type Properties, unknownValue } from '../../../components/provider/serve.ts';

/** Properties that are known only after the resource has been created. */
export const unknowns = (keys: string[]): Properties =>
  Object.fromEntries(keys.map((key) => [key, unknownValue]));
