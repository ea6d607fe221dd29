import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { browserProfile } from '../../sandbox/browser-profile.ts';

/** A real Chromium with a new profile that knows the sandbox's names and trusts its authority. */
export async function openBrowser(
  hosts: string[],
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const profile = await browserProfile(hosts);
  const args = profile.args.filter((each) => !each.startsWith('--user-data-dir'));
  const browser = await chromium.launchPersistentContext(join(profile.home, 'profile'), {
    executablePath: '/usr/bin/chromium',
    args,
    env: { ...process.env, HOME: profile.home } as Record<string, string>,
    headless: true,
    locale: 'en',
    ...options,
  });
  browser.setDefaultTimeout(20_000);
  browser.on('close', () =>
    rmSync(profile.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  );
  return browser;
}
