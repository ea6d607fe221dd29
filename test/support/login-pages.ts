import type { Page } from 'playwright-core';

/** Fills in the login's form, wherever it has come up. */
export async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.fill('#username', name);
  await page.fill('#password', password);
  await page.click('#kc-login');
}

export async function choosePassword(page: Page, password: string): Promise<void> {
  await page.fill('#password-new', password);
  await page.fill('#password-confirm', password);
  await page.click('[type=submit]');
}

/** Opens an invitation and chooses a password. */
export async function acceptInvitation(page: Page, link: string, password: string): Promise<void> {
  await page.goto(link);
  await page.click('a:has-text("Click here to proceed")');
  await choosePassword(page, password);
  await page.waitForSelector('text=Your account has been updated');
}

/** Makes a repository in Gitea's own pages. */
export async function makeRepository(page: Page, host: string, owner: string, name: string): Promise<void> {
  await page.goto(`https://${host}/repo/create`);
  await page.fill('#repo_name', name);
  await page.click('button:has-text("Create Repository")');
  await page.waitForURL(`https://${host}/${owner}/${name}`);
}

/** Enters a public key in Gitea's own pages. */
export async function enterKey(page: Page, host: string, key: string): Promise<void> {
  await page.goto(`https://${host}/user/settings/keys`);
  await page.click('.show-panel[data-panel="#add-ssh-key-panel"]');
  await page.fill('#ssh-key-content', key);
  await page.click('#add-ssh-key-panel button.primary');
  await page.waitForSelector('text=has been added');
}
