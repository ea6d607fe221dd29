import type { MailRelay, MailSending } from '../service.ts';
import { judgeOutlook, type Outlook, port25Of } from './preflight.ts';
import { type RelayAnswer, relayFault, relayRemedy } from './relay-answer.ts';
import { unblockingRequest, whereToAsk } from './unblocking-request.ts';

/** What is known before the records of mail go live. */
export interface Preflight {
  /** Name of the mail server, and the domains whose mail it is about to receive. */
  host: string;
  domains: string[];
  sending: MailSending;
  outlooks: Outlook[];
  /** What the relay said, if haven.yaml has one. */
  answer?: RelayAnswer;
}

/**
 * Whether mail may go live. `stop` says why not, with all that can be done; then nothing of mail is changed. `told` is what
 * the owner should know all the same. A name that does not point back and an entry in a block list don't stop it: both can be put
 * right while mail arrives, and a new name takes a while to be seen.
 */
export function judgePreflight(preflight: Preflight): { stop?: string; told: string[] } {
  const { host, sending, outlooks, answer } = preflight;
  const { mode, relay } = sending;
  const ipv4 = outlooks.find(({ family }) => family === 'IPv4');
  const port25 = ipv4 ? port25Of(ipv4) : 'unknown';
  const needsRelay = mode === 'relay' || (mode === 'auto' && port25 === 'blocked');
  const told = outlooks.flatMap((outlook) =>
    judgeOutlook(outlook, host)
      .filter(({ what, result }) => result === 'bad' && !what.startsWith('sends over IPv4'))
      .map(({ what, evidence, remedy = '' }) => `${what}: ${evidence}. ${remedy}`.trim()),
  );
  if (needsRelay && !relay) return { stop: blocked(preflight, ipv4?.refused ?? []), told };
  if (needsRelay && relay && answer && answer.result !== 'good')
    return { stop: refused(host, relay, answer), told };
  if (needsRelay && relay) return { told: [byRelay(relay, mode), ...told] };
  if (relay && answer && answer.result !== 'good')
    told.push(`The relay ${relay.host} is not needed now, and ${relayFault(answer)}. ${relayRemedy(answer)}`);
  if (port25 === 'blocked')
    told.push(
      'Port 25 is blocked, so what your users send waits on the server: haven.yaml says "sending: direct".',
    );
  if (port25 === 'unknown')
    told.push('Whether email leaves the server could not be tried. Later, run: haven mail check');
  return { told };
}

const byRelay = ({ host }: MailRelay, mode: MailSending['mode']): string =>
  mode === 'relay'
    ? `Email goes by the relay ${host}.`
    : `Email goes by the relay ${host}, because port 25 is blocked. Sending directly is tried daily.`;

const nothing = 'The records of mail were not published, and mail was not changed.';

const refused = (host: string, { host: relay, port }: MailRelay, answer: RelayAnswer): string =>
  answer.result === 'good'
    ? ''
    : `${host}: email is to go by the relay ${relay}:${port}, which ${relayFault(answer)}: ${answer.said}. ${nothing} ${relayRemedy(answer)}`;

/** All ways out, each with what to type. */
function blocked({ host, domains, outlooks }: Preflight, why: string[]): string {
  const addresses = outlooks.map(({ address }) => address);
  return [
    `${host}: your provider blocks outgoing port 25, so email from ${domains.join(', ')} would not arrive: ${why.join('; ')}. ${nothing}`,
    '',
    'Choose one of these, then run: haven up',
    '',
    '1. A relay: a mail server where you have an account, at your domain registrar for example. It sends for you until port 25 is open. In haven.yaml, below "services":',
    '     mail:',
    '       options:',
    '         relay:',
    '           host: smtp.example.net',
    '           user: YOUR-USER',
    '           spf: include:_spf.example.net   # what the relay tells you to add to SPF',
    '   Then run: haven secret set mail-relay-password',
    `2. Ask to have it unblocked. ${whereToAsk} You can send this:`,
    ...unblockingRequest({ host, addresses, domains })
      .split('\n')
      .map((line) => `     ${line}`),
    '3. A server whose provider does not block it, or another address there.',
    '4. To receive email now, and let what you send wait until port 25 is open: add "sending: direct" to the options of mail.',
    '',
    'More: docs/owners/mail.md',
  ].join('\n');
}
