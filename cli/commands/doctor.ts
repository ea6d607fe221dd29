import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { z } from 'zod';
import { pluginOf } from '../../engine/ensure-plugins.ts';
import type { Plugin } from '../../engine/release.ts';
import { projectRoot } from '../../system/project-root.ts';
import { HavenCommand } from '../base-command.ts';
import { judgeComputer } from '../doctor/computer.ts';
import { type Finding, findingSchema } from '../doctor/finding.ts';
import { type CloudLook, lookAtCloud } from '../doctor/look-at-cloud.ts';
import { lookAtComputer } from '../doctor/look-at-computer.ts';
import { lookAtServer } from '../doctor/look-at-server.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { mark } from '../output/mark.ts';
import { requiredPlugins } from '../project/provide-engine.ts';
import { stateBackend } from '../project/state-backend.ts';

export const output = z.array(findingSchema);

const titles = { computer: 'This computer', cloud: 'Your cloud', server: 'Its server' };

export default class Doctor extends HavenCommand {
  static override summary =
    'Show what is missing on this computer, in this directory and on the server, and for what.';
  static override description =
    'Looks, and changes nothing: Node, the Pulumi engine and its plugins, whether downloads are reachable, the key, tokens (whether they are set), and the server if there is one. Works before "haven init" too. Exit code: 0 if nothing has to be fixed, 1 if something does, 3 if the server or the downloads that are required do not answer.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<Finding[]> {
    await this.parse(Doctor);
    const cloud = await lookAtCloud();
    const all = [
      ...judgeComputer(await lookAtComputer(pluginsOf(cloud))),
      ...cloud.findings,
      ...(await serverOf(cloud)),
    ];
    for (const about of ['computer', 'cloud', 'server'] as const) {
      const of = all.filter((each) => each.about === about);
      if (of.length === 0) continue;
      this.log(`  ${titles[about]}`);
      for (const each of of) this.log(render(each));
    }
    const has = (state: Finding['state']) => all.some((each) => each.state === state);
    if (has('missing')) process.exitCode = exitCodes.failed;
    else if (has('unreachable')) process.exitCode = exitCodes.unreachable;
    return all;
  }
}

/** A sandbox emulates them. Without a cloud: what every cloud needs. */
function pluginsOf({ directory, config, project }: CloudLook): Plugin[] {
  if (!config) return ['hcloud', 'command'].map(pluginOf);
  if (project?.isSandbox) return [];
  return requiredPlugins({ config }, stateBackend(join(directory, '.haven', 'state')));
}

/** The provider is asked only if there are tokens for it. */
async function serverOf({ project, findings }: CloudLook): Promise<Finding[]> {
  if (!project || findings.some(({ state }) => state === 'missing')) return [];
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  return lookAtServer(project, version);
}

function render({ name, purpose, state, evidence, remedy }: Finding): string {
  const sign = state === 'later' ? styleText('yellow', '-') : mark(state === 'found');
  const purposeText = state === 'found' ? '' : styleText('gray', ` (for ${purpose})`);
  return `    ${sign} ${name}${purposeText}: ${evidence}${remedy ? `\n        ${remedy}` : ''}`;
}
