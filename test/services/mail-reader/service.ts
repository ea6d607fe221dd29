import { z } from 'zod';
import { defineService } from '../../../core/service.ts';

/** Opens mailboxes as webmail does: on the network that it has with mail. It does what a test tells it (image/ask.py). */
export default defineService({
  id: 'mail-reader',
  title: 'Mail reader',
  summary: "The tests' own service: a program that opens mailboxes with tokens.",
  upstream: { name: 'OpenHaven', licence: 'Apache-2.0', version: '1' },
  images: { app: { build: 'test/services/mail-reader/image' } },
  options: z.strictObject({}),
  needs: { mail: true },
  ports: { http: 8080 },
  healthChecks: [{ port: 'http', path: '/', status: 200 }],
  memoryMb: 64,
  startTimeoutSeconds: 20,
});
