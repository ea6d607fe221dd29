import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { waitUntil } from '../../system/wait-until.ts';
import { type CloudUnderTest, password } from '../e2e/cloud-under-test.ts';
import { askCalendar } from './calendar.ts';
import { binds } from './ldap.ts';
import { loginUser } from './login-admin.ts';
import { type Member, openGitea } from './member.ts';

/** Every way by which a user is in, or comes in: pages that are open, git, a token, LDAP, a program's app password. */
export class WaysIn {
  readonly member: Member;
  readonly #cloud: CloudUnderTest;
  readonly #page: Page;
  readonly #appPassword: string | undefined;

  constructor(cloud: CloudUnderTest, member: Member, page: Page, appPassword?: string) {
    this.#cloud = cloud;
    this.member = member;
    this.#page = page;
    this.#appPassword = appPassword;
  }

  /** Logs in to everything that has pages. */
  async openAll(): Promise<void> {
    const { www, vault } = this.#cloud.hosts;
    await openGitea(this.#page, this.#cloud, this.member.name);
    await this.#page.goto(`https://${www}/`);
    await this.#page.goto(`https://${vault}/log-in`);
    await this.#page.waitForURL(`https://${vault}/vault`);
  }

  /** Pages that are open by a login of before. */
  async pages(): Promise<string[]> {
    const { git, vault, www } = this.#cloud.hosts;
    const open: string[] = [];
    await this.#page.goto(`https://${www}/`);
    if (new URL(this.#page.url()).host === www) open.push('the protected website');
    await this.#page.goto(`https://${git}/user/settings`);
    if (new URL(this.#page.url()).pathname === '/user/settings') open.push('pages of Gitea');
    await this.#page.goto(`https://${vault}/vault`);
    if (new URL(this.#page.url()).pathname === '/vault') open.push('the vault');
    return open;
  }

  async all(): Promise<string[]> {
    const { member } = this;
    const asked: Record<string, Promise<boolean>> = {
      'reading over SSH': member.git.git(['ls-remote', member.ssh]).then(({ code }) => code === 0),
      'reading over HTTPS': member.git.git(['ls-remote', member.https]).then(({ code }) => code === 0),
      'pushing over SSH': member.git
        .git(['push', '-q', member.ssh, 'main:refs/heads/again'], { folder: 'notes' })
        .then(({ code }) => code === 0),
      'a token': member.tokenWorks(),
      LDAP: binds(this.#cloud.machine, member.name, password),
      ...(this.#appPassword
        ? {
            'a program with an app password': askCalendar(this.#cloud, member.name, this.#appPassword).then(
              (status) => status === '207',
            ),
          }
        : {}),
    };
    const open = await this.pages();
    for (const [way, isOpen] of Object.entries(asked)) if (await isOpen) open.push(way);
    return open;
  }

  /** All of them end within a minute; throws with those that are left. */
  async mustEnd(): Promise<void> {
    const began = Date.now();
    let open: string[] = [];
    do {
      // The server's own look at who is disabled needs the same cores.
      await setTimeout(1000);
      open = await this.all();
    } while (open.length > 0 && Date.now() < began + 60_000);
    if (open.length > 0) throw new Error(`${this.member.name} is in after a minute: ${open.join(', ')}`);
    console.log(`${this.member.name} is out after ${Math.round((Date.now() - began) / 1000)} s`);
  }

  /** Everything but pages, which want a new login, is open again. */
  async untilBack(): Promise<void> {
    const expected = 5 + (this.#appPassword ? 1 : 0);
    await waitUntil(
      `everything to be open to ${this.member.name} again`,
      async () =>
        (await loginUser(this.#cloud.machine, this.member.name)).enabled &&
        (await this.all()).length === expected,
      { timeoutMs: 60_000, everyMs: 500 },
    );
  }
}
