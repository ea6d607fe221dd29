import type { Difference, Properties } from '../../../components/provider/serve.ts';

/** Compares the inputs with the previous ones. A property that is in neither does not count as a difference. */
export function differences(
  inputs: Properties,
  old: Properties,
  rules: { replaces?: string[]; ignore?: string[] } = {},
): Difference {
  const keys = new Set([...Object.keys(inputs), ...Object.keys(old)]);
  const changed = [...keys]
    .filter((key) => !key.startsWith('__') && !rules.ignore?.includes(key) && !same(inputs[key], old[key]))
    .sort();
  return { changed, replaces: changed.filter((key) => rules.replaces?.includes(key)) };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, each]) => [key, sorted(each)]),
    );
  }
  return value;
}
