import { z } from 'zod';
import { defineService } from '../service.ts';

/** Uid of upstream's rootless image, and of ours. */
const uid = 1000;

export default defineService({
  id: 'gitea',
  title: 'Gitea',
  summary: 'Git repositories with issues, pull requests, releases and packages, over HTTPS and SSH.',
  upstream: { name: 'Gitea', url: 'https://about.gitea.com', licence: 'MIT', version: '1.25.5' },
  images: { gitea: { build: 'images/gitea' } },
  options: z.strictObject({
    title: z.string().min(1).max(60).default('Git').describe('What stands at the top of its pages.'),
    signInToSee: z
      .boolean()
      .default(true)
      .describe('Whether public repositories, too, are shown only to who is logged in.'),
    maxFileMb: z
      .int()
      .min(1)
      .max(4096)
      .default(256)
      .describe('How big one attachment or one file uploaded in the browser may be, in MB.'),
  }),
  needs: {
    route: { subdomain: 'git', port: 'http' },
    tcp: [{ public: 2222, port: 'ssh', reason: 'Git over SSH; the server itself has port 22.' }],
    database: true,
  },
  ports: { http: 3000, ssh: 2222 },
  data: { files: { rollback: 'with-release', uid } },
  secrets: {
    'db-password': { gitea: uid },
    'secret-key': { gitea: uid },
    'internal-token': { gitea: uid },
    'jwt-secret': { gitea: uid },
    'lfs-jwt-secret': { gitea: uid },
  },
  proofs: [{ port: 'http', path: '/api/healthz', status: 200 }],
  memoryMb: 768,
  startTimeoutSeconds: 180,
});
