import type { Properties } from '../../../components/provider/serve.ts';

/** Keeps only the properties that the program sets, so that a default of the API does not count as a difference. */
export const onlyAskedFor = (seen: Properties, inputs: Properties): Properties =>
  Object.fromEntries(Object.entries(seen).filter(([key]) => key in inputs));
