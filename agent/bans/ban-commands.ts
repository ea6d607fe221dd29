import { type Ban, bansIn } from '../../core/bans/ban.ts';
import { banSets, banTable } from '../../core/bans/ban-table.ts';
import { bannedNetwork } from '../../core/bans/banned-network.ts';
import { run, tryRun } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { readBanTable } from '../effects/ban-table.ts';
import { fail2banStart, restartFail2ban } from '../effects/fail2ban.ts';

export interface BanList {
  /** Whether fail2ban runs: without it nobody is banned who guesses from now on. */
  isGuarding: boolean;
  bans: Ban[];
}

/** The commands of the agent about bans. The firewall says who is banned, not fail2ban. */
export const banCommands: Record<string, (args: string[]) => Promise<unknown>> = {
  'ban-list': async (): Promise<BanList> => ({
    isGuarding: (await fail2banStart()) !== undefined,
    bans: await readBans(),
  }),
  /** Ends the bans of an address, and answers with them. None is a success, too. */
  'ban-lift': async ([typed]): Promise<Ban[]> => {
    const network = bannedNetwork(typed!);
    if (network === undefined) throw new Error(`"${typed}" is not a valid IP address. Run: haven ban list`);
    const bans = (await readBans()).filter(({ address }) => address === network);
    if (bans.length === 0) return [];
    // It forgets the address and ends its bans. Otherwise it would ban again when it starts.
    const forgotten = await forget(network);
    const left = (await readBans()).filter(({ address }) => address === network);
    const input = left.map(({ service }) =>
      endOf(`${banTable} ${banSets(service)(network.includes(':') ? '6' : '4')} { ${network} }`),
    );
    if (input.length > 0) await run('nft', ['-f', '-'], { input: input.join(''), timeoutMs: 30_000 });
    if (!forgotten)
      throw new Error(
        `The ban of ${network} has ended, but fail2ban is not running on the server and bans the address again when it starts. The server starts it each minute. Run again in 2 minutes: haven ban lift ${network}`,
      );
    return bans;
  },
};

/** Returns whether fail2ban runs, and so forgot the address. */
async function forget(network: string): Promise<boolean> {
  try {
    if ((await fail2banStart()) === undefined) await restartFail2ban();
    await waitUntil(
      'fail2ban to answer',
      async () => (await tryRun('fail2ban-client', ['ping'], { timeoutMs: 10_000 })).code === 0,
      { timeoutMs: 15_000, everyMs: 300 },
    );
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return false;
  }
  await run('fail2ban-client', ['unban', network], { timeoutMs: 30_000 });
  return true;
}

/** An element that ends at this moment can't be deleted, so it is added first. */
const endOf = (element: string): string => `add element ${element}\ndelete element ${element}\n`;

async function readBans(): Promise<Ban[]> {
  const table = await readBanTable();
  return table === undefined ? [] : bansIn(table, Date.now());
}
