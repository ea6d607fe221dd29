import ora from 'ora';
import type { Entry, Step } from '../../core/operations/entries.ts';

/** What the server does in each step, as a person reads it while it happens. */
export const stepWords: Record<Step, string> = {
  prepare: 'looking for images and space',
  fetch: 'fetching the data from the backup',
  'enter-maintenance': 'entering maintenance',
  'stop-old': 'stopping what runs',
  snapshot: 'taking a snapshot',
  switch: 'switching',
  replace: 'putting the data in its place',
  start: 'starting, in trial',
  check: 'checking',
  'leave-maintenance': 'leaving maintenance',
  tidy: 'tidying up',
};

/** Shows an operation of the agent by the lines that the agent prints, and collects its entries. */
export class OperationSteps {
  readonly entries: Entry[] = [];
  readonly #spinner = ora({ stream: process.stderr });

  readonly onLine = (line: string): void => {
    const said = JSON.parse(line) as Entry | object;
    if (!('entry' in said)) return;
    this.entries.push(said);
    if (said.entry !== 'do' && said.entry !== 'undo') return;
    const service = this.entries.findLast((each) => each.entry === 'open')?.operation.service ?? '';
    const what = said.entry === 'undo' ? 'undoing' : stepWords[said.step];
    this.say(`${service}: ${what}`);
  };

  say(text: string): void {
    if (process.stderr.isTTY) this.#spinner.start(text);
  }

  end(): void {
    this.#spinner.stop();
  }
}
