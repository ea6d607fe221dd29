import { onMachine } from '../../sandbox/machine/machine.ts';
import type { CloudUnderTest } from '../e2e/cloud-under-test.ts';

type Service = (typeof Hostile.services)[number];

/** The services of test/services whose names begin with "hostile", and what they can be told (files/attacks.cjs). */
export class Hostile {
  static readonly services = ['hostile', 'hostile-page', 'hostile-reader'] as const;
  readonly #cloud: Pick<CloudUnderTest, 'machine' | 'onServer'>;

  constructor(cloud: Pick<CloudUnderTest, 'machine' | 'onServer'>) {
    this.#cloud = cloud;
  }

  static container = (service: Service): string => `haven-${service}-app-1`;

  /** Has the program of a service do something. Answers with what the program says when that is done. */
  async order<T>(service: Service, what: string, details: object = {}): Promise<T> {
    const program = `fetch('http://127.0.0.1:8666/${what}', { method: 'POST', body: process.argv[1] })
      .then(async (answer) => { console.log(await answer.text()); process.exit(answer.ok ? 0 : 1); })`;
    const command = ['docker', 'exec', Hostile.container(service), 'node', '-e', program];
    const { stdout } = await onMachine(this.#cloud.machine, [...command, JSON.stringify(details)], {
      timeoutMs: 240_000,
    });
    return JSON.parse(stdout) as T;
  }

  /** Every address that the programs have, which is what their victims see of them. */
  async addresses(): Promise<string[]> {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
    const names = Hostile.services.map(Hostile.container).join(' ');
    const printed = await this.#cloud.onServer(`docker inspect --format '${format}' ${names}`);
    return printed.split(/\s+/).filter(Boolean);
  }
}
