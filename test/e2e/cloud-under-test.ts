import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { parseDocument } from 'yaml';
import type { ListedService } from '../../cli/commands/service/list.ts';
import type { ServiceStatus } from '../../cli/health/service-status.ts';
import type { User } from '../../core/users/user.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { SharedBrowser } from '../support/browser.ts';
import { firstServer } from '../support/first-server.ts';
import { setPasswords } from '../support/ldap.ts';
import { Member } from '../support/member.ts';
import { fromOutside, openPorts, startVisitor } from '../support/outside.ts';
import { Owner } from '../support/owner.ts';
import { typeCommand } from '../support/type-command.ts';

const domain = 'mycloud.test';
const subdomains = ['calendar', 'git', 'ledger', 'login', 'me', 'vault', 'www'] as const;
type Subdomain = (typeof subdomains)[number];

/** The ports that its services are to be reached at, over TCP: SSH, the web, and Git over SSH. */
export const plannedPorts = [22, 80, 443, 2222];

/** What runs in it beside what they need: the catalogue, and services of the tests' own. */
export const servicesUnderTest = ['calendar', 'gitea', 'ledger', 'vaultwarden', 'website'];

/** What `npm start` makes and this cloud does not have. */
const mailServices = ['webmail', 'mail'];

/** What a journey adds to it, by the journey's name. Images are built before the first one. */
export const addedByJourneys: Record<string, string[]> = { mail: ['mail', 'webmail'] };

/** The password of everybody in the cloud under test. */
export const password = 'Correct-horse-battery-7';

/**
 * The one cloud of all journeys: made by `npm start` as README says, then given more services. Its users are "you", who
 * administers it, and Ada, who is in the group "board" and has a repository.
 */
export class CloudUnderTest {
  readonly domain = domain;
  readonly hosts = Object.fromEntries(subdomains.map((each) => [each, `${each}.${domain}`])) as Record<
    Subdomain,
    string
  >;
  owner = Owner.ofSandboxCloud(domain);
  machine = '';
  ipv4 = '';
  ipv6 = '';
  #ada: Member | undefined;
  readonly #browser = new SharedBrowser(Object.values(this.hosts));

  /** Makes the cloud. Call `forget` where that fails, too: it ends the browser. */
  async start(): Promise<void> {
    const started = await this.npmStart();
    assert.equal(started.code, 0, stripVTControlCharacters(started.stdout).slice(-2000));
    assert.match(started.stdout, /https:\/\/\S+action-token/, 'the first user gets a link');
    Object.assign(process.env, sandboxEnvironment());
    await this.#changeServices();
    await this.moved();
    // Mail and webmail were removed, and with what was added others were restarted.
    assert.equal(await this.#stoppedByForce(), '', 'every program stops when it is told to');
    await startVisitor();
    await Promise.all([this.#deleteMail(), this.#addUsers()]);
  }

  /** Its server is another one than before, and its owner may be at another computer. */
  async moved(owner = this.owner): Promise<void> {
    this.owner = owner;
    Object.assign(this, await firstServer());
    // It knows the names' addresses, and the authority, of when it was started.
    await this.#browser.close();
  }

  /** README's command, in a terminal: who asked a question there would wait for its answer (script(1) makes one). */
  npmStart() {
    const env = { ...this.owner.environment, HAVEN_SANDBOX_CLOUD: this.owner.directory };
    return typeCommand('script', ['-qec', 'stty cols 120 && npm start --silent', '/dev/null'], { env });
  }

  /** Mail takes time in each of a hundred plans, so only the journeys that are about it have it. */
  async #changeServices(): Promise<void> {
    const yaml = parseDocument(this.owner.read());
    for (const id of mailServices) yaml.deleteIn(['services', id]);
    this.owner.write('haven.yaml', yaml.toString({ lineWidth: 0 }));
    assert.ok(!(await this.services()).includes('mail'), this.owner.read());
    await this.owner.must(['service', 'add', ...servicesUnderTest]);
    await this.owner.must(['up', '--yes']);
  }

  async #deleteMail(): Promise<void> {
    for (const id of mailServices)
      await this.owner.must(['service', 'remove', id, '--with-data', '--confirm', id]);
  }

  /** What Docker says of containers that it had to kill, because they did not stop in time. */
  #stoppedByForce(): Promise<string> {
    return this.onServer("journalctl --no-pager -u docker | grep 'failed to exit within' || true");
  }

  async #addUsers(): Promise<void> {
    const table = 'name,givenName,surname,groups\nada,Ada,Lovelace,board\n';
    await this.owner.must(['user', 'add', '--csv', this.owner.write('users.csv', table), '--yes']);
    await setPasswords(this.machine, ['you', 'ada'], password);
    this.#ada = await Member.join(this, 'ada');
  }

  /** A user who exists in every journey. To change a user permanently, a journey adds one of its own. */
  get ada(): Member {
    assert.ok(this.#ada, 'Ada is there');
    return this.#ada;
  }

  /** A browser that knows every name of this cloud. */
  browser(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#browser.visitor(options);
  }

  /** The answer to a visitor's request: its status code, or another variable of curl's `--write-out`. */
  async answerTo(url: string, more: string[] = [], words = '%{http_code}'): Promise<string> {
    return this.#curl(url, ['-o', '/dev/null', '-w', words, ...more]);
  }

  /** The page that a visitor gets. */
  async pageAt(url: string, more: string[] = []): Promise<string> {
    return this.#curl(url, more);
  }

  async #curl(url: string, more: string[]): Promise<string> {
    const { hostname } = new URL(url);
    const known = ['--cacert', '/roots.pem', '--resolve', `${hostname}:443:${this.ipv4}`];
    return (await fromOutside(['curl', '-s', ...known, ...more, url])).stdout;
  }

  /** Runs a shell script on the server; answers with what it prints. */
  async onServer(script: string): Promise<string> {
    return (await onMachine(this.machine, ['bash', '-ec', script])).stdout.trim();
  }

  /** All of the 65,535 TCP ports that answer a visitor, over IPv4 and over IPv6. */
  async openPorts(): Promise<number[][]> {
    return Promise.all([openPorts(this.ipv4), openPorts(this.ipv6)]);
  }

  /** Waits until an operation on a service has begun; answers with its name. */
  begunOperation(service: string): Promise<string> {
    const limits = { timeoutMs: 60_000, everyMs: 500 };
    return waitUntil(`an operation on ${service} to be open`, () => this.openOperation(service), limits);
  }

  /** The operation that is open on a service, as the agent's journal says. */
  async openOperation(service: string): Promise<string | undefined> {
    const { open } = JSON.parse(await this.onServer(`haven-agent read ${service}`)) as {
      open: string | null;
    };
    return open ?? undefined;
  }

  /** What runs here, as `haven service list` says: what haven.yaml names, and what that needs. */
  async services(): Promise<string[]> {
    const listed = await this.owner.json<ListedService[]>(['service', 'list']);
    return listed.filter((each) => each.chosen).map((each) => each.id);
  }

  users(): Promise<User[]> {
    return this.owner.json<User[]>(['user', 'list']);
  }

  /** How each service is; the command says by its exit code whether all are well. */
  async status(more: string[] = []): Promise<{ code: number; of: (service: string) => ServiceStatus[] }> {
    const typed = await this.owner.haven(['status', ...more, '--json']);
    const all = JSON.parse(typed.stdout) as ServiceStatus[];
    return { code: typed.code, of: (service) => all.filter((each) => each.service === service) };
  }

  async untilWell(timeoutMs = 180_000): Promise<void> {
    // Each look takes a core for a while, which those who are starting need.
    const everyMs = 1500;
    await waitUntil('every service to be well', async () => (await this.status()).code === 0, {
      timeoutMs,
      everyMs,
    });
  }

  async forget(): Promise<void> {
    await this.#browser.close();
    this.#ada?.forget();
    this.owner.forget();
  }
}
