import type { RelayAnswer } from '../../core/mail/relay-answer.ts';
import type { MailRelay } from '../../core/service.ts';
import { printable } from '../../system/printable.ts';
import { withAccount } from '../effects/sending.ts';
import type { Layout } from '../store/layout.ts';

/** Logs in at a relay, over TLS with a certificate of its name, as Postfix does. Sends nothing. */
export async function tryRelay(
  layout: Layout,
  { host, port, user }: Pick<MailRelay, 'host' | 'port' | 'user'>,
  password: string,
): Promise<RelayAnswer> {
  const account = { host, port: String(port), ssl: 'false', user, password };
  try {
    await withAccount(layout, account, (transport) => transport.verify());
    return { result: 'good' };
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    const said = printable(message).replaceAll(/\s+/g, ' ').trim().replaceAll(password, '[password]');
    return { result: code === 'EAUTH' ? 'refused' : 'silent', said };
  }
}
