import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { webRootsFile } from '../../sandbox/host/paths.ts';
import { answerQuestion, askInServerNetwork } from './server-network.ts';

/** Pages that users open, at a given pace, through the reverse proxy. */
export interface PageLoad {
  pages: string[];
  perSecond: number;
  seconds: number;
}
export interface PageFigures {
  answered: number;
  refused: number;
  p975Ms: number;
}

/** Opens the pages in the network of a server, with this machine's Node. */
export async function openPages(machine: string, load: PageLoad): Promise<PageFigures[]> {
  const question = { ...load, roots: readFileSync(webRootsFile, 'utf8') };
  return askInServerNetwork(machine, fileURLToPath(import.meta.url), question, (load.seconds + 60) * 1000);
}

async function generate({ pages, perSecond, seconds, roots }: PageLoad & { roots: string }) {
  return Promise.all(
    pages.map(async (page) => {
      const { host, pathname } = new URL(page);
      const shot = await autocannon({
        url: `https://127.0.0.1${pathname}`,
        connections: 1,
        overallRate: perSecond,
        duration: seconds,
        headers: { host },
        servername: host,
        tlsOptions: { ca: roots },
      });
      const refused = shot.non2xx + shot.errors;
      return { answered: shot['2xx'], refused, p975Ms: shot.latency.p97_5 } satisfies PageFigures;
    }),
  );
}

if (import.meta.main) await answerQuestion(generate);
