import { Args } from '@oclif/core';
import type { Alias } from '../../../core/addresses/address-book.ts';
import { HavenCommand } from '../../base-command.ts';
import { aliasOutput } from '../../output/schemas.ts';
import { changeAlias, describeAddress, openAddresses } from '../../project/alias-link.ts';

export const output = aliasOutput;

export default class AliasRemove extends HavenCommand {
  static override summary = 'Remove an address that was added. Email that it received is kept.';
  static override description =
    'From then on, email to it is refused, or goes to the catch-all of its domain. One that a domain must have, such as postmaster, leads to the administrators again.';
  static override examples = ['<%= config.bin %> <%= command.id %> club@example.org'];
  static override args = { address: Args.string({ required: true, description: 'The address.' }) };

  async run(): Promise<Alias> {
    const { args } = await this.parse(AliasRemove);
    const { project, domains } = await openAddresses();
    const alias = await changeAlias(project, { ask: 'alias-remove', address: args.address, domains });
    this.log(`  ${describeAddress(alias)} no longer goes to ${alias.to.join(', ') || 'anyone'}.`);
    return alias;
  }
}
