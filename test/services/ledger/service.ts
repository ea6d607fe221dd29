import { z } from 'zod';
import { defineService } from '../../../core/service.ts';

export default defineService({
  id: 'ledger',
  title: 'Ledger',
  summary: "The tests' own service: keeps rows in a database and answers when they are safe.",
  upstream: { name: 'OpenHaven', licence: 'Apache-2.0', version: '1' },
  images: { app: { build: 'test/services/ledger/image' } },
  options: z.strictObject({
    version: z.string().default('1').describe('What it says that its version is.'),
    behaviour: z
      .enum(['good', 'exit', 'hang', 'destroy', 'sick'])
      .default('good')
      .describe('How it misbehaves.'),
  }),
  needs: { route: { subdomain: 'ledger', port: 'http' }, database: true },
  publicBecause: 'Tests write to it as strangers.',
  ports: { http: 8080 },
  data: { files: { rollback: 'with-release', uid: 2900, quotaGb: 1 } },
  secrets: { 'db-password': { app: 2900 } },
  healthChecks: [{ port: 'http', path: '/health', status: 200 }],
  memoryMb: 384,
  startTimeoutSeconds: 20,
});
