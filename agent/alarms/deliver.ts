import { existsSync, readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AlarmMessage } from '../../core/alarms/alarm-message.ts';
import type { AlarmWay } from '../../core/alarms/alarm-ways.ts';
import { type DeliveryRequest, ntfyRequest } from '../../core/alarms/ntfy-request.ts';
import { emailRefusal, type Refusal, refusalOf } from '../../core/alarms/refusal.ts';
import { webhookRequest } from '../../core/alarms/webhook-request.ts';
import { sendingPassword } from '../../core/config/sending.ts';
import { isOwnAccount } from '../../core/mail/own-account.ts';
import { printable } from '../../system/printable.ts';
import { sendEmail } from '../effects/sending.ts';
import type { Layout } from '../store/layout.ts';
import { ownPasswordOf } from '../store/secrets.ts';
import type { AlarmOrder } from './alarm-order.ts';

/** What became of a message on one way. Without `refusal` it was delivered. */
export interface Delivery {
  way: AlarmWay;
  /** What an HTTP receiver answered. */
  status?: number;
  refusal?: Refusal;
}

/** How long a receiver may take, in all. */
const defaultLimitMs = 10_000;
const systemRoots = '/etc/ssl/certs/ca-certificates.crt';

/** Sends a message by one way. What goes wrong is an answer, because it must not keep the other ways from theirs. */
export async function deliver(
  layout: Layout,
  { ways, secrets }: AlarmOrder,
  way: AlarmWay,
  message: AlarmMessage,
  limitMs = defaultLimitMs,
): Promise<Delivery> {
  if (way === 'email') return byEmail(layout, { ways, secrets }, message);
  const token = secrets[way === 'ntfy' ? 'alarm-ntfy-token' : 'alarm-webhook-token'];
  const more = token === undefined ? {} : { token };
  const request =
    way === 'ntfy'
      ? ntfyRequest(message, { ...ways.ntfy!, topic: secrets['alarm-ntfy-topic'] ?? '', ...more })
      : webhookRequest(message, { address: secrets['alarm-webhook'] ?? '', ...more });
  try {
    const status = await post(request, limitMs);
    if (status >= 200 && status < 300) return { way, status };
    return { way, status, refusal: refusalOf(way, { status }) };
  } catch (error) {
    // Only the code: the text of an error names the address, which may be secret.
    const { code = 'ERROR', name } = error as NodeJS.ErrnoException;
    return { way, refusal: refusalOf(way, { code: name === 'AbortError' ? 'ETIMEDOUT' : code }) };
  }
}

async function byEmail(
  layout: Layout,
  { ways, secrets }: AlarmOrder,
  { title, text }: AlarmMessage,
): Promise<Delivery> {
  const { to, account } = ways.email!;
  try {
    const password = isOwnAccount(account) ? ownPasswordOf(layout) : (secrets[sendingPassword] ?? '');
    await sendEmail(layout, { ...account, password }, { to, subject: title, text });
    return { way: 'email' };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { way: 'email', refusal: emailRefusal(printable(said), account) };
  }
}

/** Follows no redirect, and reads nothing of the answer but its status. */
function post({ address, headers, body }: DeliveryRequest, limitMs: number): Promise<number> {
  const isHttps = address.startsWith('https:');
  const roots = isHttps && existsSync(systemRoots) ? { ca: readFileSync(systemRoots) } : {};
  return new Promise((resolve, reject) => {
    const request = (isHttps ? requestHttps : requestHttp)(address, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(limitMs),
      ...roots,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      response.on('error', reject);
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.end(body);
  });
}
