import { styleText } from 'node:util';
import { chosenServices, reverseProxy } from '../../../core/config/dependencies.ts';
import { hostOf } from '../../../core/config/host-name.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export interface ListedService {
  id: string;
  title: string;
  summary: string;
  /** Does haven.yaml name it, or something that needs it? */
  chosen: boolean;
  url?: string;
  /** Something else takes its place here, for its image could not be had. */
  stub: boolean;
  memoryMb: number;
}

export default class ServiceList extends HavenCommand {
  static override summary = 'Show what there is to run, and what of it haven.yaml names.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<ListedService[]> {
    await this.parse(ServiceList);
    const { catalogue, config, stubs } = await Project.open();
    const runs = chosenServices(config, catalogue);
    const all = [...catalogue.values()]
      .map(({ definition }) => definition)
      .filter((each) => each.id !== reverseProxy)
      .map(({ id, title, summary, memoryMb, needs }) => {
        const chosen = runs.includes(id);
        const url =
          chosen && needs?.route ? `https://${hostOf(config, id, needs.route.subdomain)}/` : undefined;
        return {
          id,
          title,
          summary,
          chosen,
          stub: stubs.includes(id),
          memoryMb,
          ...(url ? { url } : {}),
        };
      });
    for (const each of all) {
      const mark = each.chosen ? styleText('green', '✔') : ' ';
      const line = `${each.id.padEnd(12)} ${each.url ?? each.summary}`;
      this.log(`  ${mark} ${each.stub ? styleText('gray', `${line}  (stub)`) : line}`);
    }
    this.log(
      '\n  ✔: in haven.yaml, or needed by what is. More of one: haven service info NAME   To add one: haven service add NAME',
    );
    return all;
  }
}
