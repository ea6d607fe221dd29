import { existsSync, readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import ora from 'ora';
import type { RecordToEnter, RunFolder } from '../../components/provider/run-folder.ts';
import type { RecoveryStep } from '../../core/backups/recovery-step.ts';
import type { Entry } from '../../core/operations/entries.ts';
import { type ChangeLine, describeChange } from '../../core/plan/describe-change.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { BuildStep } from '../../core/release/image-recipe.ts';
import type { EngineEvent } from '../../stacks/engine-events.ts';
import { mark } from './mark.ts';
import { stepWords } from './operation-steps.ts';

const done = {
  create: 'created',
  update: 'changed',
  replace: 'replaced',
  delete: 'removed',
  keep: 'kept',
} as const;
const doing = {
  create: 'creating',
  update: 'changing',
  replace: 'replacing',
  delete: 'removing',
  keep: 'keeping',
} as const;

/** Shows what happens while it happens: a line for each thing that is done, a spinner for what is under way. */
export class Progress {
  readonly #plan: Plan;
  readonly #progressFile: string;
  readonly #spinner = ora({ stream: process.stderr });
  readonly #running = new Map<string, { line: ChangeLine; since: number }>();
  #timer: NodeJS.Timeout | undefined;

  readonly #toEnterFile: string;
  readonly #shown = new Set<string>();
  readonly #watch: NodeJS.Timeout;

  constructor(plan: Plan, run: RunFolder) {
    this.#plan = plan;
    this.#progressFile = run.progressFile;
    this.#toEnterFile = run.toEnterFile;
    this.#watch = setInterval(() => this.#showRecords(), 500);
  }

  /** Records that the owner has to enter by hand, each shown once, as soon as what they say is known. */
  #showRecords(): void {
    if (!existsSync(this.#toEnterFile)) return;
    for (const line of readFileSync(this.#toEnterFile, 'utf8').split('\n')) {
      if (!line.endsWith('}') || this.#shown.has(line)) continue;
      if (this.#shown.size === 0) this.#say('Enter these records at your DNS provider; each is waited for:');
      this.#shown.add(line);
      const { name, type, content, reason } = JSON.parse(line) as RecordToEnter;
      this.#say(`  ${name}  ${type}  ${content}   ${styleText('gray', reason)}`);
    }
  }

  #say(text: string): void {
    if (process.stderr.isTTY) this.#spinner.stopAndPersist({ symbol: ' ', text }).start();
    else process.stderr.write(`  ${text}\n`);
  }

  readonly onEvent = (event: EngineEvent): void => {
    if (event.event === 'waits') this.#say(event.text);
    if (!('change' in event) || event.change.kind === 'keep') return;
    const line = describeChange(event.change, this.#plan);
    const key = `${event.change.type} ${event.change.name}`;
    if (event.event === 'begun') {
      this.#running.set(key, { line, since: Date.now() });
      if (process.stderr.isTTY && !this.#timer) {
        this.#spinner.start();
        this.#timer = setInterval(() => this.#show(), 200);
      }
    } else {
      const seconds = (Date.now() - (this.#running.get(key)?.since ?? Date.now())) / 1000;
      this.#running.delete(key);
      const text = `${line.what} ${line.name} ${event.event === 'failed' ? 'failed' : done[line.kind]}${seconds >= 1 ? styleText('gray', ` (${seconds.toFixed(0)} s)`) : ''}`;
      const symbol = mark(event.event !== 'failed');
      if (process.stderr.isTTY) this.#spinner.stopAndPersist({ symbol, text }).start();
      else process.stderr.write(`  ${symbol} ${text}\n`);
    }
    this.#show();
  };

  #show(): void {
    const texts = [...this.#running.values()].map(
      ({ line }) => `${doing[line.kind]} ${line.what} ${line.name}${this.#step(line)}`,
    );
    this.#spinner.text = texts.length > 0 ? texts.join(', ') : 'working';
  }

  /** What the agent is at, of a service that is being applied, and of backups that are brought back. */
  #step(line: ChangeLine): string {
    const name = line.what === 'Service' ? line.name : line.what === 'Backups' ? 'backups' : undefined;
    if (name === undefined) return '';
    let text: string;
    try {
      text = readFileSync(this.#progressFile, 'utf8');
    } catch {
      return '';
    }
    const last = text
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as { service: string; line: string })
      .findLast((each) => each.service === name);
    if (!last) return '';
    const said = JSON.parse(last.line) as Entry | BuildStep | RecoveryStep;
    if ('recovering' in said) return ` (bringing back ${said.recovering}, ${said.n} of ${said.of})`;
    if ('building' in said) return ` (building ${said.building}, step ${said.step} of ${said.of})`;
    if (!('step' in said)) return '';
    const entry = said;
    return ` (${entry.entry === 'undo' || entry.entry === 'undid' ? 'undoing it' : (stepWords[entry.step] ?? entry.step)})`;
  }

  stop(): void {
    clearInterval(this.#watch);
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#spinner.stop();
  }
}
