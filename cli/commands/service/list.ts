import { styleText } from 'node:util';
import { z } from 'zod';
import { chosenServices, isImplied } from '../../../core/config/dependencies.ts';
import { hostOf } from '../../../core/config/host-name.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export const output = z.array(
  z.strictObject({
    id: z.string(),
    title: z.string(),
    summary: z.string(),
    /** Is it part of this cloud: in haven.yaml, or needed by what is? */
    chosen: z.boolean(),
    /** Is it added automatically with services that need it, so that nobody has to choose it? */
    implied: z.boolean(),
    url: z.string().optional(),
    /** Does a stub run in its place here, because its image could not be downloaded? */
    stub: z.boolean(),
    memoryMb: z.number(),
  }),
);
export type ListedService = z.infer<typeof output>[number];

export default class ServiceList extends HavenCommand {
  static override summary = 'Show the services you run, and the ones you can add.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<ListedService[]> {
    await this.parse(ServiceList);
    const { catalogue, config, stubs } = await Project.open();
    const runs = chosenServices(config, catalogue);
    const all = [...catalogue.values()].map(({ definition }) => {
      const { id, title, summary, memoryMb, needs } = definition;
      const chosen = runs.includes(id);
      const url =
        chosen && needs?.route?.port ? `https://${hostOf(config, id, needs.route.subdomain)}/` : undefined;
      return {
        id,
        title,
        summary,
        chosen,
        implied: isImplied(definition),
        ...(url ? { url } : {}),
        stub: stubs.includes(id),
        memoryMb,
      };
    });
    this.#say(
      'Yours, in haven.yaml',
      all.filter(({ id }) => id in config.services),
    );
    this.#say(
      'Added automatically, because yours need them',
      all.filter(({ id, chosen }) => chosen && !(id in config.services)),
    );
    this.#say(
      'To add: haven service add NAME',
      all.filter(({ chosen, implied }) => !chosen && !implied),
    );
    this.log('\n  More about one: haven service info NAME');
    return all;
  }

  #say(title: string, services: ListedService[]): void {
    if (services.length === 0) return;
    this.log(`\n  ${styleText('bold', title)}`);
    for (const { id, url, summary, stub } of services) {
      const line = `    ${id.padEnd(14)} ${url ?? summary}`;
      this.log(stub ? styleText('gray', `${line}  (stub)`) : line);
    }
  }
}
