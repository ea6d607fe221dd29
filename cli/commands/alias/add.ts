import { Args, Flags } from '@oclif/core';
import type { Alias } from '../../../core/addresses/address-book.ts';
import { HavenCommand } from '../../base-command.ts';
import { aliasOutput } from '../../output/schemas.ts';
import { changeAlias, describeAddress, openWithMail } from '../../project/alias-link.ts';

export const output = aliasOutput;

export default class AliasAdd extends HavenCommand {
  static override summary =
    'Add an address: of a user, of a group, of several, or one that forwards elsewhere.';
  static override description =
    'Another address of one user is one they can also send with. "@example.org" is a catch-all: it gets what is written to addresses of that domain that lead nowhere else. It takes effect at once.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada.lovelace@example.org --to ada',
    '<%= config.bin %> <%= command.id %> club@example.org --to ada --to friend@example.com',
    '<%= config.bin %> <%= command.id %> @example.org --to ada',
  ];
  static override args = {
    address: Args.string({
      required: true,
      description: 'The new address, in a domain whose mail this cloud receives.',
    }),
  };
  static override flags = {
    to: Flags.string({
      multiple: true,
      default: [],
      summary: 'Where its email goes: a user, a group, or an address. Can be given several times.',
    }),
  };

  async run(): Promise<Alias> {
    const { args, flags } = await this.parse(AliasAdd);
    const { project, domains } = await openWithMail();
    const alias = await changeAlias(project, {
      ask: 'alias-add',
      address: args.address,
      to: flags.to,
      domains,
    });
    this.log(`  ${describeAddress(alias)} goes to ${alias.to.join(', ')}.`);
    return alias;
  }
}
