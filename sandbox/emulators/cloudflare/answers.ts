import type { ApiAnswer } from '../http-api.ts';
import type { CloudflareError } from './errors.ts';

const success = { success: true, errors: [], messages: [] };

export const ok = (result: unknown): ApiAnswer => ({ status: 200, body: { ...success, result } });

/** One page of a list. */
export function answerPage(all: unknown[], query: URLSearchParams): ApiAnswer {
  const perPage = Number(query.get('per_page') ?? 100);
  const page = Number(query.get('page') ?? 1);
  const result = all.slice((page - 1) * perPage, page * perPage);
  const result_info = {
    page,
    per_page: perPage,
    count: result.length,
    total_count: all.length,
    total_pages: Math.ceil(all.length / perPage),
  };
  return { status: 200, body: { ...success, result, result_info } };
}

/** An error, which the official clients are told not to send again. */
export const refusal = ({ status, code, message }: CloudflareError): ApiAnswer => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
  headers: { 'x-should-retry': 'false' },
});
