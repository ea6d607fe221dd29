import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  services: { website: { access: 'users' }, miniflux: {}, mail: {}, webmail: {} } as Record<
    string,
    ServiceEntry
  >,
};

/** While the sandbox runs, commands typed in a directory without a haven.yaml use this cloud. */
export function rememberDefaultCloud(): void {
  writeFileSync(sandboxCloudFile, `${defaultCloud.directory}\n`);
}

/** The directory of the cloud that was started last; commands typed elsewhere use it. */
export function rememberedCloud(): string {
  return existsSync(sandboxCloudFile)
    ? readFileSync(sandboxCloudFile, 'utf8').trim()
    : defaultCloud.directory;
}

/** What a sandbox cannot show, in one line each. The full list is docs/sandbox-gaps.md. */
export const gaps: string[] = [
  'Email reaches only the servers of this sandbox. Whether real ones would accept it depends on a real address and its reputation.',
  "Hetzner's and Cloudflare's APIs, their plugins and the domain are emulated.",
  'Prices are invented, and servers are containers on this machine: how fast a real server is can be seen only there.',
  'Killing a server here is not the same as a power cut: data that it had written is kept, even if it was not yet on disk.',
];
