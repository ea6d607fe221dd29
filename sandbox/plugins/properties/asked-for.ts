import type { Properties } from '../../../components/provider/serve.ts';

/** Of what was seen, only what a program asks for: a default of the API is no difference. */
export const onlyAskedFor = (seen: Properties, inputs: Properties): Properties =>
  Object.fromEntries(Object.entries(seen).filter(([key]) => key in inputs));
