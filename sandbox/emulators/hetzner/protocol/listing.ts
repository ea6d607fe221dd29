import type { ApiAnswer } from '../../http-api.ts';
import { ok } from './answers.ts';
import { invalid } from './errors.ts';
import { matchesLabels } from './label-selector.ts';

/** What a list can be filtered by. */
export interface Listed {
  name: string;
  labels?: Record<string, string>;
  architecture?: string;
}

/** Queries that clients send. Those beyond name, labels and architecture are accepted and change nothing. */
const known = [
  ...['name', 'label_selector', 'page', 'per_page', 'sort', 'architecture'],
  ...['include_deprecated', 'type', 'status', 'ip', 'fingerprint'],
];

export function filterList<T extends Listed>(list: readonly T[], query: URLSearchParams): T[] {
  const unknown = [...query.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) throw invalid(unknown, 'the sandbox has no such filter');
  const name = query.get('name');
  const selector = query.get('label_selector');
  const architecture = query.get('architecture');
  return list.filter(
    (each) =>
      (name === null || each.name === name) &&
      (selector === null || matchesLabels(selector, each.labels ?? {})) &&
      (architecture === null || each.architecture === architecture),
  );
}

/** One page of a list, with the links that clients follow to the others. At most 50 on a page, as at Hetzner. */
export function answerPage(name: string, list: readonly unknown[], query: URLSearchParams): ApiAnswer {
  const perPage = Math.min(Number(query.get('per_page') ?? 25), 50);
  const page = Number(query.get('page') ?? 1);
  const lastPage = Math.max(1, Math.ceil(list.length / perPage));
  return ok({
    [name]: list.slice((page - 1) * perPage, page * perPage),
    meta: {
      pagination: {
        page,
        per_page: perPage,
        previous_page: page > 1 ? page - 1 : null,
        next_page: page < lastPage ? page + 1 : null,
        last_page: lastPage,
        total_entries: list.length,
      },
    },
  });
}
