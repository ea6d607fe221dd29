import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { type BrowserProfile, browserProfile } from '../../sandbox/browser-profile.ts';
import { inNetworkOf, network } from '../../sandbox/machine/network.ts';
import { computerRuns, startComputer } from './computer.ts';

/**
 * The computer that Chromium runs on, as far as the network sees. When an address of its computer changes, Chromium ends
 * every HTTP/2 connection, and pages that load fail (ERR_NETWORK_CHANGED). This machine's addresses change with each
 * container that starts; those of this computer stay.
 */
const computer = 'haven-sandbox-visitor-browser';

/** A real Chromium with a new profile that knows the sandbox's names and trusts its authority. */
export async function openBrowser(
  hosts: string[],
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const profile = await browserProfile(hosts);
  const browser = await chromium.launchPersistentContext(join(profile.home, 'profile'), {
    ...(await launchOptions(profile)),
    ...asVisitor,
    ...options,
  });
  browser.setDefaultTimeout(limitMs);
  browser.on('close', () => forget(profile));
  return browser;
}

/**
 * One Chromium for many visitors, each with cookies, storage and connections of their own: what takes half a second to
 * start is started once.
 */
export class SharedBrowser {
  readonly #hosts: string[];
  #started: Promise<{ browser: Browser; profile: BrowserProfile }> | undefined;

  constructor(hosts: string[]) {
    this.#hosts = hosts;
  }

  async visitor(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    this.#started ??= this.#start();
    const { browser } = await this.#started;
    const visitor = await browser.newContext({ ...asVisitor, ...options });
    visitor.setDefaultTimeout(limitMs);
    return visitor;
  }

  async #start() {
    const profile = await browserProfile(this.#hosts);
    return { browser: await chromium.launch(await launchOptions(profile)), profile };
  }

  /** Ends it, and every visitor; the next one starts another. */
  async close(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    if (!started) return;
    const { browser, profile } = await started;
    await browser.close();
    forget(profile);
  }
}

const limitMs = 20_000;
const asVisitor = { locale: 'en' };

async function launchOptions({ args, home }: BrowserProfile) {
  return {
    executablePath: await chromiumAtComputer(home),
    args: args.filter((each) => !each.startsWith('--user-data-dir')),
    env: { ...process.env, HOME: home } as Record<string, string>,
    headless: true,
  };
}

/** A program that is Chromium in that computer's network. */
async function chromiumAtComputer(folder: string): Promise<string> {
  if (!(await computerRuns(computer))) await startComputer(computer, { ipv4: network.browserIpv4 });
  const program = join(folder, 'chromium');
  const enter = (await inNetworkOf(computer)).join(' ');
  writeFileSync(program, `#!/bin/sh\nexec ${enter} /usr/bin/chromium "$@"\n`, { mode: 0o755 });
  return program;
}

const forget = ({ home }: BrowserProfile): void =>
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
