import type { Properties } from '../../../components/provider/serve.ts';

/** Keys as an API writes them: `zone_id`. */
export const snake = (data: unknown) =>
  rename(data, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** Keys as a program writes them: `zoneId`. */
export const camel = (data: unknown) =>
  rename(data, (key) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));

function rename(data: unknown, by: (key: string) => string): Properties | undefined {
  return data
    ? Object.fromEntries(Object.entries(data as Properties).map(([key, value]) => [by(key), value]))
    : undefined;
}
