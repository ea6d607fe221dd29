import { Args } from '@oclif/core';
import { z } from 'zod';
import { chosenServices } from '../../../core/config/dependencies.ts';
import { hostOf } from '../../../core/config/host-name.ts';
import { describeService } from '../../../core/docs/describe-service.ts';
import { HavenCommand } from '../../base-command.ts';
import { catalogueService } from '../../project/catalogue-service.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  program: z.string(),
  licence: z.string(),
  homepage: z.string().optional(),
  memoryMb: z.number(),
  opens: z.array(z.string()),
  access: z.string().optional(),
  needs: z.array(z.string()),
  data: z.array(z.string()),
  options: z.array(
    z.strictObject({
      name: z.string(),
      default: z.unknown(),
      description: z.string(),
      /** What haven.yaml says; left out where it says nothing. */
      value: z.unknown().optional(),
    }),
  ),
  /** Is it in haven.yaml, added automatically, or not part of this cloud? */
  state: z.enum(['chosen', 'added automatically', 'available']),
});
type Output = z.infer<typeof output>;

/** Who gets in where haven.yaml says so. */
const accessInWords = {
  public: 'everyone',
  users: 'users with a login, through the auth proxy',
  admins: 'administrators, through the auth proxy',
} as const;

export default class ServiceInfo extends HavenCommand {
  static override summary = 'Show what a service is, which addresses and ports it opens, and what it needs.';
  static override description = 'Includes its settings in haven.yaml: address, access and options.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };

  async run(): Promise<Output> {
    const { args } = await this.parse(ServiceInfo);
    const { catalogue, config } = await Project.open();
    const service = catalogueService(catalogue, args.service, 'service info');
    const entry = config.services[service.id];
    const general = describeService(service, (subdomain) => hostOf(config, service.id, subdomain));
    const facts: Output = {
      ...general,
      ...(entry?.access ? { access: accessInWords[entry.access] } : {}),
      options: general.options.map((each) => ({
        ...each,
        ...(entry && each.name in entry.options ? { value: entry.options[each.name] } : {}),
      })),
      state: entry
        ? 'chosen'
        : chosenServices(config, catalogue).includes(service.id)
          ? 'added automatically'
          : 'available',
    };
    this.#say(facts);
    return facts;
  }

  #say(facts: Output): void {
    const list = (name: string, lines: string[]) =>
      lines.length > 0 ? [`  ${name.padEnd(9)} ${lines.join(`\n${' '.repeat(12)}`)}`] : [];
    this.log(`\n  ${facts.title}: ${facts.summary}`);
    this.log(`  ${[facts.program, facts.licence, facts.homepage].filter(Boolean).join(', ')}\n`);
    for (const line of [
      ...list('Opens', facts.opens),
      ...list('Access', facts.access ? [facts.access] : []),
      ...list('Needs', [...facts.needs, `up to ${facts.memoryMb} MB of memory`]),
      ...list('Keeps', facts.data),
      ...list('Options', facts.options.map(renderOption)),
    ])
      this.log(line);
    const states = {
      chosen: 'It is in haven.yaml.',
      'added automatically': 'It is part of this cloud: services in haven.yaml need it.',
      available: `It is not in haven.yaml. To add it, run: haven service add ${facts.id}`,
    };
    this.log(`\n  ${states[facts.state]}`);
  }
}

const renderOption = ({ name, value, default: byDefault, description }: Output['options'][number]): string =>
  `${name} (${JSON.stringify(value ?? byDefault)}${value === undefined || value === byDefault ? ', the default' : ''}): ${description}`;
