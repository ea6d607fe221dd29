import assert from 'node:assert/strict';
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
  async pages(among?: readonly string[]): Promise<string[]> {
    const { git, vault, www } = this.#cloud.hosts;
    const pages: Record<string, [address: string, isOpen: (at: URL) => boolean]> = {
      'the protected website': [`https://${www}/`, ({ host }) => host === www],
      'pages of Gitea': [`https://${git}/user/settings`, ({ pathname }) => pathname === '/user/settings'],
      'the vault': [`https://${vault}/vault`, ({ pathname }) => pathname === '/vault'],
    };
    const open: string[] = [];
    for (const [way, [address, isOpen]] of Object.entries(pages)) {
      if (among && !among.includes(way)) continue;
      await this.#page.goto(address);
      if (isOpen(new URL(this.#page.url()))) open.push(way);
    }
    return open;
  }

  /** Ways in for programs. */
  async programs(among?: readonly string[]): Promise<string[]> {
    const { member } = this;
    const git = async (...args: Parameters<typeof member.git.git>) =>
      (await member.git.git(...args)).code === 0;
    const programs: Record<string, () => Promise<boolean>> = {
      'reading over SSH': () => git(['ls-remote', member.ssh]),
      'reading over HTTPS': () => git(['ls-remote', member.https]),
      'pushing over SSH': () => git(['push', '-q', member.ssh, 'main:refs/heads/again'], { folder: 'notes' }),
      'a token': () => member.tokenWorks(),
      LDAP: () => binds(this.#cloud.machine, member.name, password),
    };
    const appPassword = this.#appPassword;
    if (appPassword)
      programs['a program with an app password'] = async () =>
        (await askCalendar(this.#cloud, member.name, appPassword)) === '207';
    const asked = Object.entries(programs).filter(([way]) => among?.includes(way) ?? true);
    const open = await Promise.all(asked.map(async ([way, isOpen]) => ((await isOpen()) ? [way] : [])));
    return open.flat();
  }

  /** The ways that are open, of all or of those that are named. */
  async all(among?: readonly string[]): Promise<string[]> {
    const [pages, programs] = await Promise.all([this.pages(among), this.programs(among)]);
    return [...pages, ...programs];
  }

  /** All of them end within a minute; throws with those that are left. */
  async mustEnd(): Promise<void> {
    const began = Date.now();
    let open: string[] | undefined;
    do {
      // The server's own look at who is disabled needs the same cores, so only what was open is tried again, until nothing is.
      await setTimeout(1000);
      open = await this.all(open);
      if (open.length === 0) open = await this.all();
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
        (await this.programs()).length === expected,
      { timeoutMs: 60_000, everyMs: 500 },
    );
    assert.deepEqual(await this.pages(), []);
  }
}
