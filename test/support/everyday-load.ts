import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { docker } from '../../rehearsal/docker.ts';
import { containerName } from '../../rehearsal/machine.ts';
import { webRootsFile } from '../../rehearsal/paths.ts';

/** Pages that people open, at a given pace, through the front door. */
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
  const { stdout: pid } = await docker(['inspect', '-f', '{{.State.Pid}}', containerName(machine)]);
  const script = fileURLToPath(import.meta.url);
  const child = spawn('nsenter', ['-t', pid.trim(), '-n', process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify({ ...load, roots: readFileSync(webRootsFile, 'utf8') }));
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text) as PageFigures[];
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

if (import.meta.main) {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  process.stdout.write(JSON.stringify(await generate(JSON.parse(Buffer.concat(chunks).toString()))));
}
