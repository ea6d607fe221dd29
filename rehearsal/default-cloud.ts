import { join } from 'node:path';
import { tryDir } from './paths.ts';

/** The cloud that `npm start` and `haven try start` build: a made-up owner's, under a made-up domain. */
export const defaultCloud = {
  directory: process.env.HAVEN_TRY_CLOUD ?? join(tryDir, 'cloud'),
  domain: 'mycloud.test',
  services: ['website', 'gitea', 'vaultwarden'],
} as const;

/** What a rehearsal cannot show, in one line each; the whole list is docs/rehearsal-gaps.md. */
export const gaps: string[] = [
  'No mail yet, and whether real receivers would take it: that depends on a real address and its reputation.',
  "Hetzner's and Cloudflare's APIs, the plugins for them and the domain are stand-ins made for the rehearsal.",
  'Prices are made up; servers are containers on this machine, so nothing is learnt of real speed.',
  'A killed machine is no power cut: what it had written is on disk all the same.',
];
