import { z } from 'zod';
import { defineService } from '../../../core/service.ts';
import { hostileProgram } from '../hostile/program.ts';

/** The hostile program behind the auth proxy, where it gets requests of users who have a session there. */
export default defineService({
  id: 'hostile-page',
  title: 'Hostile page',
  summary: "The tests' own service: a protected page that attacks its visitors.",
  upstream: { name: 'OpenHaven', licence: 'Apache-2.0', version: '1' },
  images: { app: { build: 'test/services/ledger/image' } },
  options: z.strictObject({}),
  needs: { route: { subdomain: 'hostile-page', port: 'http' }, authProxy: 'users' },
  ports: { http: 8080 },
  healthChecks: [{ port: 'http', path: '/health', status: 200 }],
  memoryMb: 128,
  startTimeoutSeconds: 20,
  files: () => hostileProgram,
});
