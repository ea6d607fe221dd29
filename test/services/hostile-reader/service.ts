import { z } from 'zod';
import { defineService } from '../../../core/service.ts';
import { hostileProgram } from '../hostile/program.ts';

/** Uid of its program; the image is the ledger's. */
const uid = 2940;

/** The hostile program with an account of LDAP, and a network that leads there. */
export default defineService({
  id: 'hostile-reader',
  title: 'Hostile reader',
  summary: "The tests' own service: a program with an account of LDAP that attacks it.",
  upstream: { name: 'OpenHaven', licence: 'Apache-2.0', version: '1' },
  images: { app: { build: 'test/services/ledger/image' } },
  options: z.strictObject({}),
  needs: { ldap: 'readers' },
  ports: { http: 8080 },
  secrets: { 'bind-password': { app: uid } },
  healthChecks: [{ port: 'http', path: '/health', status: 200 }],
  memoryMb: 128,
  startTimeoutSeconds: 20,
  files: () => hostileProgram,
});
