import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { Flags } from '@oclif/core';
import { z } from 'zod';
import { dnsProviderFacts } from '../../../components/dns-providers.ts';
import { chosenServices } from '../../../core/config/dependencies.ts';
import { addService } from '../../../core/config/edit-services.ts';
import { loadConfig } from '../../../core/config/load-config.ts';
import { memoryMb } from '../../../core/config/memory.ts';
import { ProblemsError } from '../../../core/problem.ts';
import type { Catalogue } from '../../../core/service.ts';
import type { NewUser } from '../../../core/users/user.ts';
import { findEngine } from '../../../engine/engine-root.ts';
import { ensureEngine } from '../../../engine/ensure-engine.ts';
import { loadDurations, saveDuration } from '../../../sandbox/build/durations.ts';
import type { BuildTask } from '../../../sandbox/build/task.ts';
import { registerDomain, sandboxState, startForeignMail } from '../../../sandbox/control.ts';
import { defaultCloud, gaps, rememberDefaultCloud } from '../../../sandbox/default-cloud.ts';
import { describeFirstStart, judgeHost, lookAtHost } from '../../../sandbox/host/host-system.ts';
import { foreignMailTasks } from '../../../sandbox/internet/foreign-mail/image.ts';
import { echoAddress } from '../../../sandbox/internet/foreign-mail/names.ts';
import { hasBuckets } from '../../../sandbox/internet/storage/gateway.ts';
import { storageTasks } from '../../../sandbox/internet/storage/program.ts';
import { linkToSandbox } from '../../../sandbox/link.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { missing, sandboxNeeds } from '../../../setup/packages.ts';
import { typed } from '../../../system/typed.ts';
import { HavenCommand } from '../../base-command.ts';
import { waitUntilWell } from '../../health/wait-until-well.ts';
import { mustAgree } from '../../output/consent.ts';
import { whileBuilding } from '../../output/while-building.ts';
import { installPackages } from '../../project/install-packages.ts';
import { invite } from '../../project/invite.ts';
import { Project } from '../../project/project.ts';
import { loadProjectCatalogue } from '../../project/project-catalogue.ts';
import { askAgent, hasUsers } from '../../project/user-link.ts';

/** The name under which the time of a first cloud is kept, from an empty sandbox to running services. */
const firstCloud = 'The cloud';

/** The engine that carries out plans, as one of the things that are made. */
const engineTask: BuildTask = {
  name: 'Pulumi engine',
  lane: 'cpu',
  after: [],
  seconds: 180,
  isMade: async () => findEngine() !== undefined,
  make: async () => void (await ensureEngine()),
};

/** The user that `npm start` makes. */
const you: NewUser = { name: 'you', givenName: 'You', surname: 'Yourself', groups: ['admins'] };

export const output = z.strictObject({ directory: z.string(), domain: z.string() });

export default class SandboxStart extends HavenCommand {
  static override summary = 'Build a whole cloud on this machine: free, and without any account.';
  static override description =
    'The same code that builds a real cloud creates a Debian server, DNS records and certificates here. The data centre and the DNS provider are emulated. The first start says what it installs, how long it takes and how much disk and memory it needs, and asks. Safe to run again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
  ];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask before the first start. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output> | undefined> {
    const { flags } = await this.parse(SandboxStart);
    const { directory, domain } = defaultCloud;
    const file = join(directory, 'haven.yaml');
    const isNew = !existsSync(file);
    const catalogue = await loadProjectCatalogue(directory);
    const config = isNew
      ? defaultCloud
      : loadConfig(readFileSync(file, 'utf8'), catalogue, dnsProviderFacts, file);
    await this.#provideHost(memoryMb(config, catalogue) / 1024, flags.yes);
    const services = chosenServices(config, catalogue);
    // With mail there is another company to write to.
    const mail = services.some((id) => catalogue.get(id)?.definition.provides === 'mail');
    const also = [engineTask, ...(mail ? foreignMailTasks : [])];
    // A cloud may back up to them: an update of this project may have brought another S3 server.
    const last = hasBuckets() ? storageTasks : [];
    await this.#startSandbox(catalogue, { services, also, last }, isNew);

    const began = Date.now();
    const { cloudflare } = await sandboxState();
    if (!cloudflare.zones.some((each) => each.name === domain)) await registerDomain(domain);
    process.env.HAVEN_DIRECTORY = directory;
    linkToSandbox(directory);
    rememberDefaultCloud();
    const makeReady = async () => (isNew ? this.#init() : waitUntilWell(await Project.open()));
    await Promise.all([makeReady(), mail ? startForeignMail() : undefined]);
    if (process.exitCode) return undefined;
    await this.runHaven('up', ['--yes']);
    if (process.exitCode) return undefined;
    if (isNew) saveDuration(firstCloud, (Date.now() - began) / 1000);
    const [link] = await Promise.all([this.#firstPerson(), this.runHaven('status', [])]);
    this.#say(directory, link, mail);
    return { directory, domain };
  }

  /** Checks this machine. Before the first start, says what it takes, asks, and installs the packages that are missing. */
  async #provideHost(memoryGb: number, yes: boolean): Promise<void> {
    const command = 'haven sandbox start';
    const host = lookAtHost();
    const packages = host.platform === 'linux' ? await missing(sandboxNeeds) : [];
    const first = packages.length > 0 || findEngine() === undefined ? { packages, memoryGb } : undefined;
    const problems = judgeHost(host, command, first);
    if (problems.length > 0) throw new ProblemsError(problems);
    if (!first) return;
    this.log();
    for (const line of describeFirstStart(host, first)) this.log(`  ${line}`);
    this.log();
    // Where nobody can be asked, such as in CI, it goes on.
    if (this.mayAsk)
      await mustAgree({ command, what: 'This sets up a sandbox on this machine.', mayAsk: true }, yes);
    if (packages.length > 0) this.log(`  Packages: ${packages.map((each) => each.package).join(', ')}`);
    await installPackages(command, packages);
  }

  async #startSandbox(
    catalogue: Catalogue,
    what: { services: string[]; also: BuildTask[]; last: BuildTask[] },
    isNew: boolean,
  ): Promise<void> {
    const thenSeconds = isNew ? (loadDurations()[firstCloud] ?? 60) : 20;
    const { environment } = await whileBuilding('The sandbox', (screen) =>
      startSandbox(catalogue, { ...what, screen, thenSeconds }),
    );
    Object.assign(process.env, environment);
  }

  async #init(): Promise<void> {
    const { directory, domain, services } = defaultCloud;
    // Every answer: also in a terminal nothing is left to ask.
    const answers = {
      directory,
      domain,
      dns: 'cloudflare',
      'owner-name': 'You',
      'owner-email': 'you@example.org',
      location: 'fsn1',
      // With room for services that are added later.
      type: 'cx33',
      disk: '20',
    };
    const flags = [
      ...Object.entries(answers).flatMap(([name, answer]) => [`--${name}`, answer]),
      ...Object.keys(services).flatMap((each) => ['--service', each]),
    ];
    await this.runHaven('init', flags);
    if (process.exitCode) return;
    const project = await Project.open();
    project.edit((text) =>
      Object.entries(services).reduce((before, [id, entry]) => addService(before, id, entry), text),
    );
  }

  /** You, as the first user of a cloud that has nobody yet: the link by which you choose a password. */
  async #firstPerson(): Promise<string | undefined> {
    const project = await Project.open();
    if (!hasUsers(project)) return undefined;
    const { name } = you;
    const { added } = await askAgent<{ added: string[] }>(
      { ask: 'add', users: [you], domain: project.config.domains[0]!.name },
      project,
    );
    if (added.length === 0) return undefined;
    return (await invite(project, name)).link;
  }

  #say(directory: string, link: string | undefined, mail: boolean): void {
    this.log(`\n  ${styleText('bold', 'Your cloud is running on this machine.')}`);
    const open = typed('sandbox open');
    if (link) this.log(`    Log in as "${you.name}". To choose a password, run: ${open} "${link}"`);
    this.log(`    Open it in a browser:   ${open}`);
    if (mail)
      this.log(
        `    Try email:              write to ${echoAddress} in Webmail. It answers with how it judged your email.`,
      );
    this.log(`    Try backups:            ${typed('sandbox bucket my-backups')}`);
    this.log(`    Change something:       edit ${directory}/haven.yaml, then: ${typed('plan')}`);
    this.log(`    Take it down:           ${typed('sandbox stop')}      (again from nothing: sandbox reset)`);
    this.log('\n  What this sandbox cannot show (all of it: docs/sandbox-gaps.md):');
    for (const gap of gaps) this.log(`    - ${gap}`);
  }
}
