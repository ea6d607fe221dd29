import { spawn } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { portal } from '../../../core/config/dependencies.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { browserProfile } from '../../../sandbox/browser-profile.ts';
import { tunnelCommands } from '../../../sandbox/browser-tunnel.ts';
import { dig } from '../../../sandbox/internet/internet.ts';
import { browserNeeds, missing } from '../../../setup/packages.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { installPackages } from '../../project/install-packages.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({ address: z.url() });

export default class SandboxOpen extends HavenCommand {
  static override summary =
    'Open the sandbox cloud in a browser that finds its names and trusts its certificates.';
  static override description =
    'A Chromium with its own profile: your own browser is not touched. Asks before it installs what is missing (Chromium and a tool for its certificates, about 400 MB).';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> website',
  ];
  static override args = {
    page: Args.string({
      description: 'A service, or an address of this cloud. Default: the portal, or the first page.',
    }),
  };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask before installing. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(SandboxOpen);
    const project = await Project.open();
    const { address, hosts } = this.#page(project, args.page);
    await assertScreen(address, hosts);
    await this.#install(flags.yes);
    const profile = await browserProfile(hosts);
    const child = spawn('chromium', [...profile.args, address], {
      env: { ...process.env, HOME: profile.home },
      detached: true,
      stdio: 'ignore',
    });
    child.unref();
    this.log(`  ${address}`);
    return { address };
  }

  #page(project: Project, page: string | undefined): { address: string; hosts: string[] } {
    const where = 'haven sandbox open';
    if (!project.isSandbox)
      throw new ProblemsError([
        {
          where,
          what: 'this cloud is not in the sandbox: its pages open in any browser.',
          remedy: 'To see their addresses, run: haven service list',
        },
      ]);
    const routes = project
      .plan()
      .releases.flatMap(({ service, bundle }) =>
        bundle.release.routes.map(({ host }) => ({ service, host })),
      );
    const wanted = page ?? routes.find((each) => each.service === portal)?.service;
    const chosen = wanted
      ? routes.find((each) => each.service === wanted || `${wanted}/`.startsWith(`https://${each.host}/`))
      : routes[0];
    if (!chosen) {
      const remedy = `There are: ${routes.map((each) => each.service).join(', ')}.`;
      throw new ProblemsError([{ where, what: `there is no page "${wanted ?? ''}".`, remedy }], 'usage');
    }
    return {
      address: wanted?.startsWith('https://') ? wanted : `https://${chosen.host}/`,
      hosts: routes.map((each) => each.host),
    };
  }

  async #install(yes: boolean): Promise<void> {
    const needs = await missing(browserNeeds);
    if (needs.length === 0) return;
    const size = needs.some((each) => each.package === 'chromium') ? ', about 400 MB' : '';
    const what = `This installs Debian packages on this machine${size}: ${needs.map((each) => `${each.package} (${each.why})`).join(', ')}.`;
    await mustAgree({ command: 'haven sandbox open', what, mayAsk: this.mayAsk }, yes);
    await installPackages('haven sandbox open', needs);
  }
}

/** Without a screen, says how to see the page on another computer. */
async function assertScreen(address: string, hosts: string[]): Promise<void> {
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return;
  const [server = ''] = (await dig(new URL(address).host, 'A')).split('\n');
  const machine = `${userInfo().username}@${hostname()}`;
  const commands = tunnelCommands({ address, hosts, server, machine });
  throw new ProblemsError([
    {
      where: 'haven sandbox open',
      what: 'this machine has no screen. Nothing was installed.',
      remedy: `On a computer with a screen and Chromium, run:\n    ${commands.join('\n    ')}`,
    },
  ]);
}
