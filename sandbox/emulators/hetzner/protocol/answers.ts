import type { ApiAnswer } from '../../http-api.ts';

export const ok = (body: unknown): ApiAnswer => ({
  status: 200,
  body,
  headers: { 'RateLimit-Limit': '3600', 'RateLimit-Remaining': '3599' },
});

export const created = (body: unknown): ApiAnswer => ({ status: 201, body });

export const noContent = (): ApiAnswer => ({ status: 204 });
