import { containerName } from '../../sandbox/machine/container-name.ts';
import { inNetworkOf } from '../../sandbox/machine/network.ts';
import { run } from '../../system/run.ts';

/** Runs a script of ours in the network of a server, with this machine's Node: a question in JSON in, the answer out. */
export async function askInServerNetwork<T>(
  machine: string,
  script: string,
  question: object,
  timeoutMs: number,
): Promise<T> {
  const [enter = '', ...there] = await inNetworkOf(containerName(machine));
  const { stdout } = await run(enter, [...there, process.execPath, script], {
    input: JSON.stringify(question),
    timeoutMs,
  });
  return JSON.parse(stdout) as T;
}

/** What such a script does: reads its question from standard input, and answers. */
export async function answerQuestion<T>(work: (question: T) => Promise<unknown>): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const question = JSON.parse(Buffer.concat(chunks).toString()) as T;
  process.stdout.write(JSON.stringify(await work(question)));
}
