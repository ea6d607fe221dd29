import { z } from 'zod';
import { mailSending, relaySchema, sendingModeSchema } from '../../core/config/mail-sending.ts';
import { domainName } from '../../core/dns/domain-name.ts';
import { mailDomains } from '../../core/mail/mail-domains.ts';
import { mailPages } from '../../core/mail/mail-pages.ts';
import { ownPassword } from '../../core/mail/own-account.ts';
import { defineService, type MailSending, type UserHook } from '../../core/service.ts';
import { clamavConf } from './clamav-conf.ts';
import { senders } from './cloud-account.ts';
import { dovecotConf } from './dovecot-conf.ts';
import { askedAbout, forwardTables } from './forwarding.ts';
import { fullConf } from './full-conf.ts';
import { headerChecks, submissionHeaderChecks } from './header-checks.ts';
import { learningScripts } from './learning.ts';
import { mainCf } from './main-cf.ts';
import { subnet, subnet6 } from './network.ts';
import { ratelimitConf } from './ratelimit-conf.ts';
import { relayCf, relayedSenders, relayLogin } from './relay-cf.ts';
import { roles, tables } from './tables.ts';
import { unboundConf } from './unbound-conf.ts';

/** Ends every connection of a user's mail programs. New ones are refused, because their entry in LDAP is locked or gone. */
const disconnect = 'doveadm -c /etc/haven/dovecot.conf kick "$USER_NAME" > /dev/null';
const hook = (script: string): UserHook => ({ container: 'dovecot', command: ['sh', '-ec', script] });

const inFolder = (folder: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

/** Uids of the programs in our images. */
const uids = { dovecot: 2080, postfix: 2081, rspamd: 2083, valkey: 2084, clamav: 2086, sts: 2087, srs: 2089 };

/** The files that say how email leaves. */
const outgoing = ({ mode, relay }: MailSending): Record<string, string> =>
  relay
    ? {
        'postfix/way': `${mode}\n`,
        'postfix/relay.cf': relayCf(relay),
        'postfix/relayed-senders': relayedSenders(relay),
        'postfix/relay-login': relayLogin(relay),
      }
    : { 'postfix/way': 'direct\n' };

export default defineService({
  id: 'mail',
  title: 'Mail',
  summary: 'Receives and sends the email of your domains, for every mail program: IMAP, SMTP and filters.',
  summaryDe: 'E-Mail für deine Domains, für jedes Mailprogramm.',
  upstream: {
    name: 'Postfix and Dovecot',
    url: 'https://www.postfix.org',
    licence: 'IPL-1.0, EPL-2.0, MIT, LGPL-2.1',
    version: '3.10',
  },
  images: {
    postfix: { build: 'images/postfix' },
    dovecot: { build: 'images/dovecot' },
    rspamd: { build: 'images/rspamd' },
    valkey: { build: 'images/valkey' },
    unbound: { build: 'images/unbound' },
    srs: { build: 'images/postsrsd' },
    sts: { build: 'images/mta-sts' },
  },
  options: z.strictObject({
    domains: z
      .array(domainName())
      .default([])
      .describe('The domains whose email it receives. By default only the main domain.'),
    ed25519: z
      .boolean()
      .default(false)
      .describe(
        'Signs email a second time, with an Ed25519 key (RFC 8463). Every receiver can check the first signature; some that do not know the second report it as failed, and accept the email.',
      ),
    pop3: z
      .boolean()
      .default(false)
      .describe(
        'Lets mail programs also fetch email by POP3, at port 995. For programs that know no IMAP: most of them delete from the server what they fetch.',
      ),
    antivirus: z
      .boolean()
      .default(false)
      .describe(
        'Scans each email for viruses with ClamAV, also what users send, and refuses those that have one. It needs 2 GB more memory.',
      ),
    resolver: z
      .union([z.literal(''), z.ipv4('is not an IPv4 address (for example: 192.0.2.53)')])
      .default('')
      .describe(
        'IPv4 address of a name server to ask, where the network does not let it ask the name servers of the internet itself. DNSSEC is not checked then.',
      ),
    sending: sendingModeSchema
      .default('auto')
      .describe(
        'How email leaves. `auto`: directly to the mail servers of others, or by `relay` while your provider blocks port 25. `direct` and `relay`: always that way.',
      ),
    relay: relaySchema
      .optional()
      .describe(
        'A mail server where you have an account, which sends for you: `host`, `port` (587 by default, with STARTTLS), `user`, and as `spf` what it tells you to add to SPF, such as `include:_spf.example.net`, or its addresses. `domains` limits it to some of yours. Set its password with `haven secret set mail-relay-password`.',
      ),
    recipientsAtOnce: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(300)
      .describe('How many recipients each user can write to at once, in one email or in several.'),
    recipientsPerHour: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(100)
      .describe(
        'How many recipients each user can write to per hour once that number is reached. Further emails are refused until later, so that a stolen password is of little use to a sender of spam.',
      ),
  }),
  needs: {
    route: { subdomain: 'mail' },
    tcp: [
      { public: 25, port: 'smtp', reason: 'Other mail servers deliver email to it.' },
      { public: 465, port: 'submissions', reason: 'Mail programs send email, encrypted from the start.' },
      { public: 587, port: 'submission', reason: 'Mail programs send email, encrypted by STARTTLS.' },
      { public: 993, port: 'imaps', reason: 'Mail programs read email.' },
      { public: 4190, port: 'sieve', reason: 'Mail programs change filters.' },
    ],
    ldap: 'readers',
    ldapPrograms: ['postfix', 'dovecot'],
    hostCertificate: {
      readers: { postfix: uids.postfix, dovecot: uids.dovecot },
      reload: [
        { container: 'postfix', command: ['postfix', 'reload'] },
        { container: 'dovecot', command: ['doveadm', '-c', '/etc/haven/dovecot.conf', 'reload'] },
      ],
    },
    dkim: true,
    mailOut: {
      container: 'postfix',
      uid: uids.postfix,
      way: ['start-postfix', 'way'],
      useWay: ['start-postfix', 'use'],
    },
  },
  optional: {
    pop3: {
      tcp: [{ public: 995, port: 'pop3s', reason: 'Mail programs without IMAP fetch email.' }],
      ports: { pop3s: 995 },
    },
    antivirus: {
      images: { clamav: { build: 'images/clamav' } },
      // What freshclam brought.
      data: {
        signatures: {
          ...{ rollback: 'never', uid: uids.clamav, quotaGb: 2, backup: false },
          holds: 'virus-signatures',
        },
      },
      // ClamAV's signatures take "upwards of 1.2 GiB" (docs.clamav.net, "Memory (RAM) Requirements"), and what is being scanned up
      // to 384 MB.
      memoryMb: 2048,
    },
  },
  provides: 'mail',
  rootBecause: {
    postfix: 'Its master process starts each daemon as the user that the daemon needs (master(8)).',
  },
  subnet,
  subnet6,
  ports: {
    smtp: 25,
    submissions: 465,
    submission: 587,
    imaps: 993,
    sieve: 4190,
    // Without the PROXY protocol, for health checks.
    'smtp-health': 2525,
    'imap-health': 1143,
  },
  failedLogins: [
    {
      container: 'postfix',
      // While Dovecot or LDAP is away, nobody has guessed.
      pattern: String.raw`^\w+ +\d+ [\d:]+ \S+ postfix/submissions?/smtpd\[\d+\]: warning: \S+\[{address}\]: SASL [A-Z0-9-]+ authentication failed: (?!Connection lost).*$`,
      example:
        'Nov 29 19:38:43 mail postfix/submission/smtpd[180]: warning: unknown[203.0.113.7]: SASL PLAIN authentication failed: (reason unavailable), sasl_username={line}',
    },
    {
      container: 'dovecot',
      // No name has a space, so one that looks like the rest of the line is not counted.
      pattern: String.raw`^\w+ +\d+ [\d:]+ (?:imap|pop3|managesieve)-login: Info: Login aborted: [\w ]+ \(auth failed, \d+ attempts in \d+ secs\) \(auth_failed\): user=\S*, method=[A-Z0-9-]+, rip={address}, lip=[0-9A-Fa-f:.]+, TLS(?:: [\w ]+)?, session=\S+$`,
      example:
        'Nov 29 19:38:49 imap-login: Info: Login aborted: Connection closed (auth failed, 1 attempts in 3 secs) (auth_failed): user=<{line}>, method=PLAIN, rip=203.0.113.7, lip=198.51.100.40, TLS: Connection closed, session=<jNcYcW9h5KLGM2QC>',
    },
  ],
  userHooks: {
    logOut: hook(disconnect),
    disable: hook(disconnect),
    enable: hook('removed-mailboxes restore "$USER_NAME"'),
    remove: hook(`${disconnect}; removed-mailboxes remove "$USER_NAME" "$SUCCESSOR"`),
  },
  // What was accepted is never rolled back.
  data: {
    mailboxes: { rollback: 'never', uid: uids.dovecot, quotaGb: 5 },
    // An older queue would send again what has been sent.
    queue: { rollback: 'never', uid: uids.postfix, quotaGb: 1, atRestore: 'stays' },
    learning: { rollback: 'never', uid: uids.valkey, quotaGb: 1 },
    // What Rspamd compiled besides what its image brings, such as all of it on another kind of processor.
    patterns: { rollback: 'with-release', uid: uids.rspamd, quotaGb: 1 },
    // What other domains ask of those who send to them, for as long as they said (RFC 8461 §3.2). It can be fetched again.
    policies: { rollback: 'never', uid: uids.sts, quotaGb: 1, backup: false },
  },
  secrets: {
    'bind-password': { postfix: uids.postfix, dovecot: uids.dovecot },
    'valkey-password': { valkey: uids.valkey, rspamd: uids.rspamd },
    'dkim-keys': { rspamd: uids.rspamd },
    'learn-password': { rspamd: uids.rspamd, dovecot: uids.dovecot },
    [ownPassword]: { dovecot: uids.dovecot },
    'srs-key': { srs: uids.srs },
  },
  healthChecks: [
    { port: 'smtp-health', banner: '220 ' },
    { port: 'imap-health', banner: '* OK' },
  ],
  memoryMb: 1504,
  startTimeoutSeconds: 180,
  fixedPages: (options, { domain, host = domain }) => mailPages(mailDomains(options, domain), host, options),
  files: (options, { domain, host = domain, loginHost = '' }) => {
    const received = mailDomains(options, domain);
    const sending = mailSending(options);
    return {
      'postfix/main.cf': mainCf({
        host,
        domains: received,
        recipientsAtOnce: options.recipientsAtOnce,
        antivirus: options.antivirus,
        relay: sending.relay,
      }),
      'postfix/roles': roles(received),
      ...outgoing(sending),
      'postfix/header_checks': headerChecks(host),
      'postfix/submission_header_checks': submissionHeaderChecks(host),
      'postfix/senders': senders(received),
      ...Object.fromEntries(
        Object.entries({ ...tables(received), ...forwardTables(received), ...askedAbout(received) }).map(
          ([name, text]) => [`postfix/${name}`, text],
        ),
      ),
      'dovecot/dovecot.conf': dovecotConf({ domains: received, loginHost, pop3: options.pop3 }),
      'dovecot/full.conf': fullConf,
      'rspamd/mail-domains': received.map((each) => `${each}\n`).join(''),
      'rspamd/ratelimit.conf': ratelimitConf(options),
      ...Object.fromEntries(Object.entries(learningScripts).map(([name, text]) => [`sieve/${name}`, text])),
      ...(options.antivirus ? inFolder('clamav', clamavConf) : {}),
      'srs/domains': `${[...received, host].join('\n')}\n`,
      'unbound/unbound.conf': unboundConf({ resolver: options.resolver }),
    };
  },
});
