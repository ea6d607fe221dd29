import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { portal } from '../core/config/dependencies.ts';
import { readablePassword } from '../core/users/readable-password.ts';
import { defaultCloud } from '../sandbox/default-cloud.ts';
import { projectRoot } from '../system/project-root.ts';
import { run, tryRun } from '../system/run.ts';
import { openBrowser } from '../test/support/browser.ts';
import { acceptInvitation, logIn } from '../test/support/login-pages.ts';
import { renderTerminalPage } from './terminal-page.ts';

/**
 * Makes the pictures in README.md from the sandbox cloud, so that they always show what this version does. Run
 * `npm start` first, then `npm run screenshots`. It adds a user for the pictures and removes them at the end; the plan is
 * made in a copy of the cloud's folder, and nothing of it is applied.
 */
const folder = join(projectRoot, 'docs', 'images');
const user = { name: 'ada', password: readablePassword(20) };
/** The service whose plan is shown: the first of these that the cloud does not have yet. */
const candidates = ['miniflux', 'gitea', 'vaultwarden'];

mkdirSync(folder, { recursive: true });
const services = JSON.parse(await haven(['service', 'list', '--json'])) as {
  id: string;
  chosen: boolean;
  url?: string;
}[];
const hosts = services.flatMap(({ url }) => (url ? [new URL(url).host] : []));
const home = services.find(({ id }) => id === portal)?.url;
if (!home) throw new Error('The sandbox cloud has no users, so it has no portal. Run: npm start');

const browser = await openBrowser(hosts, { deviceScaleFactor: 2 });
try {
  await takePages(browser, home);
  await takePlan(browser);
} finally {
  await browser.close();
}

async function takePages(context: BrowserContext, url: string): Promise<void> {
  const added = await haven(['user', 'add', user.name, '--given-name', 'Ada', '--surname', 'Lovelace']);
  try {
    const link = /https:\/\/\S*action-token\S*/.exec(added)?.[0];
    if (!link) throw new Error(`haven user add printed no link:\n${added}`);
    const page = await context.newPage();
    await page.setViewportSize({ width: 960, height: 640 });
    await page.goto(url);
    await page.waitForSelector('#kc-login');
    await save(page, 'login');
    await acceptInvitation(page, link, user.password);
    await page.goto(url);
    if (await page.$('#kc-login')) await logIn(page, user.name, user.password);
    await page.waitForSelector('ul.cards');
    await save(page, 'portal');
    await page.close();
  } finally {
    await haven(['user', 'remove', user.name, '--confirm', user.name]);
  }
}

async function takePlan(context: BrowserContext): Promise<void> {
  const copy = join(mkdtempSync(join(tmpdir(), 'haven-screenshots-')), 'cloud');
  try {
    cpSync(defaultCloud.directory, copy, { recursive: true });
    const service = candidates.find((each) => services.some(({ id, chosen }) => id === each && !chosen));
    if (!service) throw new Error('The sandbox cloud has every service, so there is no plan to show.');
    await haven(['service', 'add', service], copy);
    const planned = await havenIn(copy, ['plan'], { FORCE_COLOR: '1' });
    // 2: the plan has changes.
    if (planned.code !== 2) throw new Error(`haven plan exited with ${planned.code}:\n${planned.stderr}`);
    const page = await context.newPage();
    await page.setContent(renderTerminalPage('haven plan', planned.stdout));
    await page.locator('body').screenshot({ path: join(folder, 'plan.png') });
    console.log('  docs/images/plan.png');
    await page.close();
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function save(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`  docs/images/${name}.png`);
}

function havenIn(directory: string, args: string[], environment: Record<string, string> = {}) {
  return tryRun(process.execPath, [join(projectRoot, 'cli/bin.mjs'), ...args], {
    env: { ...process.env, HAVEN_DIRECTORY: directory, NO_COLOR: undefined, ...environment },
    timeoutMs: 300_000,
  });
}

async function haven(args: string[], directory: string = defaultCloud.directory): Promise<string> {
  const { stdout } = await run(process.execPath, [join(projectRoot, 'cli/bin.mjs'), ...args], {
    env: { ...process.env, HAVEN_DIRECTORY: directory },
    timeoutMs: 300_000,
  });
  return stdout;
}
