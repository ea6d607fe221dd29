import { Args } from '@oclif/core';
import { describeService, type ServiceFacts } from '../../../core/docs/describe-service.ts';
import { HavenCommand } from '../../base-command.ts';
import { catalogueService } from '../../project/catalogue-service.ts';
import { Project } from '../../project/project.ts';

export default class ServiceInfo extends HavenCommand {
  static override summary = 'Show what a service brings, what it needs and what it opens.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ description: 'Which service.' }) };

  async run(): Promise<ServiceFacts> {
    const { args } = await this.parse(ServiceInfo);
    const { catalogue, config } = await Project.open();
    const service = catalogueService(catalogue, args.service, 'service info');
    const facts = describeService(service, config.domains[0]!.name);
    const list = (name: string, lines: string[]) =>
      lines.length > 0 ? [`  ${name.padEnd(9)} ${lines.join(`\n${' '.repeat(12)}`)}`] : [];
    this.log(`\n  ${facts.title}: ${facts.summary}`);
    this.log(`  ${[facts.program, facts.licence, facts.homepage].filter(Boolean).join(', ')}\n`);
    for (const line of [
      ...list('Opens', facts.opens),
      ...list('Lets in', facts.access ? [facts.access] : []),
      ...list('Needs', [...facts.needs, `up to ${facts.memoryMb} MB of memory`]),
      ...list('Keeps', facts.data),
      ...list(
        'Options',
        facts.options.map((each) => `${each.name} (${JSON.stringify(each.default)}): ${each.description}`),
      ),
    ])
      this.log(line);
    const isChosen = facts.id in config.services;
    this.log(
      isChosen
        ? '\n  It is in haven.yaml.'
        : `\n  It is not in haven.yaml. To add it, type: haven service add ${facts.id}`,
    );
    return facts;
  }
}
