import { z } from 'zod';
import type { Alias } from '../../../core/addresses/address-book.ts';
import { HavenCommand } from '../../base-command.ts';
import { aliasOutput } from '../../output/schemas.ts';
import { openAddresses } from '../../project/alias-link.ts';
import { askAgent } from '../../project/user-link.ts';

export const output = z.array(aliasOutput);

export default class AliasList extends HavenCommand {
  static override summary =
    'List the addresses of this cloud besides those of names, and where their email goes.';
  static override description =
    'Each user also has an address with their name, and each group one with its name, in every domain whose mail this cloud receives.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<Alias[]> {
    await this.parse(AliasList);
    const { project, domains } = await openAddresses();
    const aliases = await askAgent<Alias[]>({ ask: 'aliases', domains }, project);
    if (aliases.length === 0) this.log('  There are none.');
    const width = Math.max(...aliases.map(({ address }) => address.length));
    for (const alias of aliases) this.log(`  ${alias.address.padEnd(width)}  ${describe(alias)}`);
    return aliases;
  }
}

function describe({ kind, to }: Alias): string {
  const where = to.join(', ') || 'nobody: email to it is refused';
  if (kind === 'catch-all') return `${where}   (every other address of the domain)`;
  return kind === 'required' ? `${where}   (required; you can redirect it)` : where;
}
