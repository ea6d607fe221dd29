import { createServer, type Server } from 'node:http';
import { z } from 'zod';
import type { ImageNeed } from '../services/image-need.ts';
import { copyImages } from './images/image-store.ts';
import { containerName } from './machine/container-name.ts';
import { docker } from './machine/docker.ts';
import { makeImages } from './prepare.ts';

/** What the answer is made of, one JSON object a line. */
export type ImagesLine = { progress: string } | { done: true } | { error: string };

const needShape = {
  reference: z.string().startsWith('openhaven/'),
  name: z.string(),
  build: z.string().optional(),
  pull: z.string().optional(),
  inPlaceOf: z.string().optional(),
} satisfies Record<keyof ImageNeed, z.ZodType>;
const needsSchema: z.ZodType<ImageNeed[]> = z.array(z.strictObject(needShape));

/**
 * Makes the images that `haven up` asks for and brings them to all servers of the sandbox, those that run and those to
 * come. A real server gets its images itself; here no registry would have them. The answer tells what is being made.
 */
export function serveImages(sandbox: {
  /** Machine ids of the servers that run. */
  runningServers(): string[];
  /** Called with the disk from which new servers start. */
  onStore(store: string): void;
}): Server {
  return createServer(async (request, response) => {
    const say = (line: ImagesLine): void => void response.write(`${JSON.stringify(line)}\n`);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const needs = needsSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
      const line = (progress: string) => say({ progress });
      sandbox.onStore(await makeImages(needs, { screen: { live: line, line } }));
      const references = needs.map((each) => each.reference);
      for (const id of sandbox.runningServers()) await bringImages(references, containerName(id), line);
      say({ done: true });
    } catch (error) {
      console.error('images:', error);
      say({ error: error instanceof Error ? error.message : String(error) });
    }
    response.end();
  });
}

async function bringImages(
  references: string[],
  server: string,
  line: (text: string) => void,
): Promise<void> {
  const { stdout } = await docker([
    ...['exec', server, 'docker', 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'],
  ]);
  const held = stdout.split('\n');
  const missing = references.filter((each) => !held.includes(each));
  if (missing.length === 0) return;
  line('Copying images to the server');
  await copyImages(missing, server);
}
