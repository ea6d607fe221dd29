import autocannon from 'autocannon';
import { answerQuestion } from '../support/server-network.ts';

/** An address that is asked; over TLS with the roots that it is checked against. */
export interface Target {
  url: string;
  host: string;
  roots?: string;
}
export interface Shots {
  perSecond: number;
  p975Ms: number;
}

/** Asks one address without pause for ten seconds, with ten connections; says how often it was answered. */
async function shoot({ url, host, roots }: Target): Promise<Shots> {
  const shot = await autocannon({
    url,
    connections: 10,
    duration: 10,
    headers: { host, 'x-forwarded-proto': 'https' },
    ...(roots ? { servername: host, tlsOptions: { ca: roots } } : {}),
  });
  if (shot.non2xx > 0 || shot.errors > 0) throw new Error(`${shot.non2xx} refused, ${shot.errors} failed`);
  return { perSecond: shot.requests.average, p975Ms: shot.latency.p97_5 };
}

if (import.meta.main) await answerQuestion(shoot);
