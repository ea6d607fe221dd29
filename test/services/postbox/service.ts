import { z } from 'zod';
import { relaySchema } from '../../../core/config/mail-sending.ts';
import { mailPages } from '../../../core/mail/mail-pages.ts';
import { defineService } from '../../../core/service.ts';

const uid = 2950;

export default defineService({
  id: 'postbox',
  title: 'Postbox',
  summary: 'For tests of what a plan has for mail: it has the keys that sign mail, and receives none.',
  upstream: { name: 'Caddy', licence: 'Apache-2.0', version: '2.11.9' },
  images: { web: { build: 'images/caddy' } },
  options: z.strictObject({
    domains: z
      .array(z.string())
      .default([])
      .describe('Domains whose mail it receives. Default: that of its address.'),
    relay: relaySchema.optional().describe('For the records of a cloud with a relay.'),
    ed25519: z.boolean().default(false).describe('Whether it has a second key for each domain.'),
    pop3: z.boolean().default(false).describe('For the records of a cloud with POP3.'),
  }),
  needs: { route: { subdomain: 'mail', port: 'http' }, dkim: true },
  provides: 'mail',
  publicBecause: 'It has one page for tests.',
  ports: { http: 8080 },
  secrets: { 'dkim-keys': { web: uid } },
  healthChecks: [{ port: 'http', path: '/', status: 200 }],
  memoryMb: 64,
  fixedPages: ({ domains, pop3 }, { domain, host = domain }) =>
    mailPages(domains.length > 0 ? domains : [domain], host, { pop3 }),
  files: ({ relay }) => ({
    Caddyfile: `:8080 {\n\trespond "A stub${relay ? ' with a relay' : ''}."\n}\n`,
  }),
});
