import { spawn } from 'node:child_process';
import { Args } from '@oclif/core';
import { portal } from '../../../core/config/dependencies.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { browserProfile } from '../../../sandbox/browser-profile.ts';
import { browserNeeds, install, missing } from '../../../setup/packages.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export default class SandboxOpen extends HavenCommand {
  static override enableJsonFlag = false;
  static override summary =
    'Open the sandbox cloud in a browser that finds its names and trusts its certificates.';
  static override description = 'A Chromium with a profile of its own; your usual browser is not touched.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> website',
  ];
  static override args = {
    page: Args.string({
      description: 'Which service, or an address of this cloud; the portal, or the first page, if left out.',
    }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(SandboxOpen);
    await install(await missing(browserNeeds), () => undefined);
    const project = await Project.open();
    const routes = project
      .plan()
      .releases.flatMap((each) =>
        each.bundle.release.routes.map((route) => ({ service: each.service, host: route.host })),
      );
    const wanted = args.page ?? routes.find((each) => each.service === portal)?.service;
    const chosen = wanted
      ? routes.find((each) => each.service === wanted || `${wanted}/`.startsWith(`https://${each.host}/`))
      : routes[0];
    if (!chosen)
      throw new ProblemsError([
        {
          where: 'haven sandbox open',
          what: 'there is no such page.',
          remedy: `There are: ${routes.map((each) => each.service).join(', ')}`,
        },
      ]);
    if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
      throw new ProblemsError([
        {
          where: 'haven sandbox open',
          what: 'this machine has no screen.',
          remedy: `Look at it with: npm run haven -- status   (or open https://${chosen.host}/ from a desktop on this machine)`,
        },
      ]);
    }
    const address = wanted?.startsWith('https://') ? wanted : `https://${chosen.host}/`;
    const profile = await browserProfile(routes.map((each) => each.host));
    const child = spawn('chromium', [...profile.args, address], {
      env: { ...process.env, HOME: profile.home },
      detached: true,
      stdio: 'ignore',
    });
    child.unref();
    this.log(`  ${address}`);
  }
}
