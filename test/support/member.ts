import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { type CloudUnderTest, password } from '../e2e/cloud-under-test.ts';
import { GitClient } from './git.ts';
import { setPasswords } from './ldap.ts';
import { logIn } from './login-pages.ts';

/** A user with a computer: known to Gitea by the login, with a repository, a key for SSH and a token for programs. */
export class Member {
  readonly name: string;
  readonly token: string;
  readonly git: GitClient;
  readonly #cloud: CloudUnderTest;

  private constructor(cloud: CloudUnderTest, name: string, token: string) {
    this.#cloud = cloud;
    this.name = name;
    this.token = token;
    this.git = new GitClient(cloud.hosts.git, cloud.ipv4);
  }

  /** Adds users to the cloud, with a password; the journey that adds them removes them. */
  static async add(cloud: CloudUnderTest, names: string[], group = ''): Promise<void> {
    const rows = names.map((name) => `${name},${name},Test,${group}`).join('\n');
    const table = cloud.owner.write('more-users.csv', `name,givenName,surname,groups\n${rows}\n`);
    await cloud.owner.must(['user', 'add', '--csv', table, '--yes']);
    await setPasswords(cloud.machine, names, password);
  }

  /** Lets a user who has a password come in for the first time, and equips them. */
  static async join(cloud: CloudUnderTest, name: string): Promise<Member> {
    const browser = await cloud.browser();
    try {
      await openGitea(await browser.newPage(), cloud, name);
    } finally {
      await browser.close();
    }
    const make = `gitea admin user generate-access-token -u ${name} --scopes all --raw`;
    const token = await cloud.onServer(`docker exec haven-gitea-gitea-1 ${make}`);
    const member = new Member(cloud, name, token);
    await member.ask('POST', '/user/repos', { name: member.repository });
    await member.ask('POST', '/user/keys', {
      title: 'laptop',
      key: readFileSync(member.git.publicKeyFile, 'utf8').trim(),
    });
    await member.git.must(['init', '-q', '-b', 'main', 'notes']);
    await member.git.commit('notes', 'one.md', '1\n');
    await member.git.must(['push', '-q', member.ssh, 'main'], { folder: 'notes' });
    return member;
  }

  /** Its name on Gitea; on the computer it is the folder "notes". */
  get repository(): string {
    return `notes-of-${this.name}`;
  }
  get ssh(): string {
    return `ssh://git@${this.#cloud.hosts.git}:2222/${this.name}/${this.repository}.git`;
  }
  get https(): string {
    return `https://${this.name}:${this.token}@${this.#cloud.hosts.git}/${this.name}/${this.repository}.git`;
  }

  /** Asks Gitea's API with the token; it must succeed. */
  async ask(method: string, path: string, body?: unknown): Promise<string> {
    const json = ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)];
    const more = [
      '-X',
      method,
      '--fail-with-body',
      ...this.#authorization,
      ...(body === undefined ? [] : json),
    ];
    return this.#cloud.pageAt(`https://${this.#cloud.hosts.git}/api/v1${path}`, more);
  }

  /** Does the token still let a program in? */
  async tokenWorks(): Promise<boolean> {
    const url = `https://${this.#cloud.hosts.git}/api/v1/user`;
    return (await this.#cloud.answerTo(url, this.#authorization)) === '200';
  }

  get #authorization(): string[] {
    return ['-H', `Authorization: token ${this.token}`];
  }

  forget(): void {
    this.git.forget();
  }
}

/** Opens Gitea by the login, as a user who is not logged in. */
export async function openGitea(page: Page, cloud: CloudUnderTest, name: string): Promise<void> {
  const { git } = cloud.hosts;
  await page.goto(`https://${git}/user/oauth2/haven`);
  await logIn(page, name, password);
  await page.waitForURL(`https://${git}/`);
}
