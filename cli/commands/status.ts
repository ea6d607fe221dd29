import { styleText } from 'node:util';
import type { ServiceState } from '../../steward/read.ts';
import { lookAtWeb } from '../../system/web-look.ts';
import { HavenCommand } from '../base-command.ts';
import { Project } from '../project.ts';
import { stewardOf } from '../server-link.ts';

interface ServiceStatus {
  service: string;
  good: boolean;
  evidence: string;
  url?: string;
}

export default class Status extends HavenCommand {
  static override summary =
    'Ask each service through the front door, as a visitor would, and show what it answered.';
  static override description = 'Exit code: 0 all is well, 1 something is not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<ServiceStatus[]> {
    await this.parse(Status);
    const project = await Project.open();
    const steward = await stewardOf(project);
    const states = await steward.call<ServiceState[]>(['list']);
    const plan = project.plan();
    const all: ServiceStatus[] = [];
    for (const state of states.filter((each) => each.release !== null)) {
      const host = plan.releases.find((each) => each.service === state.service)?.bundle.release.routes[0]
        ?.host;
      all.push(host ? await this.#throughFrontDoor(state, host) : ofState(state));
    }
    for (const each of all) {
      const mark = each.good ? styleText('green', '✔') : styleText('red', '✖');
      this.log(`  ${mark} ${each.service.padEnd(12)} ${each.evidence}`);
    }
    if (all.some((each) => !each.good)) process.exitCode = 1;
    return all;
  }

  async #throughFrontDoor(state: ServiceState, host: string): Promise<ServiceStatus> {
    const url = `https://${host}/`;
    if (state.gateClosed)
      return {
        service: state.service,
        good: false,
        url,
        evidence: `${url} is being changed (operation ${state.open})`,
      };
    try {
      const look = await lookAtWeb(host);
      const days = Math.floor((Date.parse(look.notAfter) - Date.now()) / 86_400_000);
      const good = look.status < 500 && state.healthy;
      return {
        service: state.service,
        good,
        url,
        evidence: `${url} answers ${look.status} from ${look.address}; certificate of ${look.issuer}, valid for ${days} more days`,
      };
    } catch (error) {
      return {
        service: state.service,
        good: false,
        url,
        evidence: `${url}: ${error instanceof Error ? error.message : error}`,
      };
    }
  }
}

const ofState = (state: ServiceState): ServiceStatus => ({
  service: state.service,
  good: state.healthy && !state.gateClosed,
  evidence: state.healthy
    ? 'its containers are up and healthy'
    : `its containers are not all healthy. Type: haven logs ${state.service}`,
});
