import type { Page } from 'playwright-core';
import { type CloudUnderTest, password } from '../e2e/cloud-under-test.ts';
import { logIn } from './login-pages.ts';

/** Opens the portal as a user who is not logged in. */
export async function openPortal(page: Page, cloud: CloudUnderTest, name: string): Promise<void> {
  await page.goto(`https://${cloud.hosts.me}/`);
  await logIn(page, name, password);
  await page.waitForURL(`https://${cloud.hosts.me}/`);
}

/** Makes an app password on the portal's page; answers with what the page shows once. */
export async function makeAppPassword(page: Page, cloud: CloudUnderTest, label: string): Promise<string> {
  await page.goto(`https://${cloud.hosts.me}/app-passwords`);
  await page.fill('#label', label);
  await page.click('form:has(#label) button');
  return page.innerText('code');
}
