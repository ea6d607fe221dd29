import type { ApiAnswer, ApiRequest } from '../http-api.ts';
import type { Account } from './account.ts';
import { ok, refusal } from './answers.ts';
import { CloudflareError, unknownPath } from './errors.ts';
import { tooManyRequests } from './rate-limit.ts';
import { answerZones } from './zones.ts';

/** Answers a request to the Cloudflare API (developers.cloudflare.com/api) for one account. */
export async function answerCloudflare(
  account: Account,
  token: string,
  request: ApiRequest,
): Promise<ApiAnswer> {
  try {
    return await withinLimit(account, () => route(account, token, request));
  } catch (error) {
    if (!(error instanceof CloudflareError)) throw error;
    return refusal(error);
  } finally {
    account.save();
  }
}

async function withinLimit(account: Account, answer: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  const { rateLimit } = account.state.faults;
  if (!rateLimit) return answer();
  const { isRefused, headers } = account.requests.take(rateLimit, Date.now());
  const answered = isRefused ? tooManyRequests : await answer();
  return { ...answered, headers: { ...answered.headers, ...headers } };
}

async function route(account: Account, token: string, request: ApiRequest): Promise<ApiAnswer> {
  if (request.token !== token) throw new CloudflareError(403, 10000, 'Authentication error');
  const { faults } = account.state;
  if (faults.failNext > 0) {
    faults.failNext--;
    throw new CloudflareError(500, 1, 'the sandbox was told to fail');
  }
  const path = request.path.replace(/^\/client\/v4/, '').replace(/\/$/, '');
  if (path === '/user/tokens/verify' && request.method === 'GET')
    return ok({ id: 'a'.repeat(32), status: 'active' });
  const [, first, ...segments] = path.split('/');
  const answer = first === 'zones' ? await answerZones(account, request, segments) : undefined;
  if (!answer) throw unknownPath(request.method, path);
  return answer;
}
