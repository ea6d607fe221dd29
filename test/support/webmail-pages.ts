import type { FrameLocator, Page } from 'playwright-core';
import { password } from '../e2e/cloud-under-test.ts';
import { logIn } from './login-pages.ts';

/** Roundcube's own pages, used as its users do (skin Elastic, 1.6). */
export class WebmailPages {
  readonly page: Page;
  readonly #origin: string;

  constructor(page: Page, host: string) {
    this.page = page;
    this.#origin = `https://${host}`;
  }

  /** Opens webmail as a user who is not logged in: it leads to the login, and back. */
  async logIn(name: string): Promise<void> {
    await this.page.goto(`${this.#origin}/`);
    await logIn(this.page, name, password);
    await this.#listed();
  }

  /** Ends at the form of the login. */
  async logOut(): Promise<void> {
    // While a list is fetched, buttons do nothing.
    await this.subjects('INBOX');
    await this.page.click('#taskmenu a.logout');
    await this.page.waitForSelector('#username');
  }

  async open(query: string): Promise<void> {
    await this.page.goto(`${this.#origin}/?${query}`);
  }

  /** Subjects in a folder. */
  async subjects(folder: string): Promise<string[]> {
    await this.open(`_task=mail&_mbox=${folder}`);
    await this.#listed();
    // The list is fetched after the page.
    await this.page.waitForFunction(() => !document.querySelector('#messagestack .loading'));
    return this.page.locator('#messagelist tbody tr span.subject').allInnerTexts();
  }

  /** What an email in the open folder says. */
  async read(subject: string): Promise<string> {
    await this.page.click(`#messagelist tbody tr:has-text("${subject}") span.subject a`);
    const frame = this.page.frameLocator('#messagecontframe');
    await frame.locator(`h2.subject:has-text("${subject}")`).waitFor();
    return frame.locator('#messagebody').innerText();
  }

  /** Answers the email that is open. */
  async answer(text: string): Promise<void> {
    await this.page.click('#layout-content a.reply:not(.all):not(.list)');
    await this.page.waitForURL(/_action=compose/);
    await this.page.fill('#composebody', text);
    await this.page.click('button.send');
    await this.page.waitForURL((url) => !url.search.includes('_action=compose'));
  }

  /** As whom an email may be sent. */
  async senders(): Promise<string[]> {
    await this.open('_task=mail&_action=compose');
    return this.page.locator('#_from option').allInnerTexts();
  }

  /** A filter that moves emails with this in their subject to a folder. */
  async addFilter(subject: string, folder: string): Promise<void> {
    await this.open('_task=settings&_action=plugin.managesieve');
    await this.page.click('a.create[onclick*="managesieve-add"]');
    const form: FrameLocator = this.page.frameLocator('iframe[name=filter-box]');
    await form.locator('#_name').fill(subject);
    await form.locator('input[name="_rule_target[0][]"]').fill(subject);
    await form.locator('#action_mailbox0').selectOption(folder);
    await form.locator('button.submit').click();
    await this.#confirmed();
  }

  async setVacation(subject: string, text: string): Promise<void> {
    await this.open('_task=settings&_action=plugin.managesieve-vacation');
    await this.page.fill('#vacation_subject', subject);
    await this.page.fill('#vacation_reason', text);
    await this.page.selectOption('#vacation_status', 'on');
    await this.page.click('button.submit');
    await this.#confirmed();
  }

  /** Names of contacts in an address book: those in LDAP are `users`. */
  async contacts(): Promise<string[]> {
    await this.open('_task=addressbook&_source=users');
    await this.page.click('#directorylist a[rel=users]');
    await this.page.waitForSelector('#contacts-table tbody tr');
    return this.page.locator('#contacts-table tbody tr').allInnerTexts();
  }

  /** Subjects that a search in INBOX finds. */
  async search(words: string): Promise<string[]> {
    await this.subjects('INBOX');
    await this.page.fill('#mailsearchform', words);
    await this.page.press('#mailsearchform', 'Enter');
    await this.page.waitForSelector('#messagestack .confirmation, #messagestack .notice');
    return this.page.locator('#messagelist tbody tr span.subject').allInnerTexts();
  }

  /** An empty list is hidden. */
  async #listed(): Promise<void> {
    await this.page.waitForSelector('#messagelist', { state: 'attached' });
  }

  async #confirmed(): Promise<void> {
    await this.page.waitForSelector('#messagestack .confirmation');
  }
}
