import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceEntry } from '../core/config/edit-services.ts';
import { sandboxCloudFile, sandboxDir } from '../system/sandbox-dir.ts';

/**
 * The cloud that `npm start` and `haven sandbox start` build: a made-up owner's, under a made-up domain. Its services are
 * real programs that are built in minutes; what they need comes with them (login, portal). More are added by
 * `haven service add`.
 */
export const defaultCloud = {
  directory: process.env.HAVEN_SANDBOX_CLOUD ?? join(sandboxDir, 'cloud'),
  domain: 'mycloud.test',
  services: { website: { access: 'users' }, miniflux: {} } as Record<string, ServiceEntry>,
};

/** From now on commands typed where there is no haven.yaml are about this cloud, while the sandbox runs. */
export function rememberDefaultCloud(): void {
  writeFileSync(sandboxCloudFile, `${defaultCloud.directory}\n`);
}

/** What a sandbox cannot show, in one line each; the whole list is docs/sandbox-gaps.md. */
export const gaps: string[] = [
  'No mail yet, and whether real receivers would take it: that depends on a real address and its reputation.',
  "Hetzner's and Cloudflare's APIs, the plugins for them and the domain are stubs made for the sandbox.",
  'Prices are made up; servers are containers on this machine, so nothing is learnt of real speed.',
  'A killed machine is no power cut: what it had written is on disk all the same.',
];
