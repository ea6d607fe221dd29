import {
  type Durations,
  durationsFile,
  loadDurations,
  type OpenTask,
  saveDuration,
  secondsLeft,
} from './durations.ts';
import type { BuildEvent } from './run-tasks.ts';
import type { BuildTask } from './task.ts';

/** Where progress is shown: `live` is one line that is overwritten, `line` stays. */
export interface BuildScreen {
  live?(text: string): void;
  line(text: string): void;
}

/** Shows what is built, how far it is and how long it still takes, and keeps how long each task took. */
export class BuildProgress {
  readonly #screen: BuildScreen;
  readonly #tasks: BuildTask[];
  readonly #file: string;
  /** How long tasks took before this run. */
  readonly #durations: Durations;
  /** What comes after the last task, in seconds. */
  readonly #thenSeconds: number;
  readonly #started = new Map<string, number>();
  readonly #made = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    screen: BuildScreen,
    tasks: BuildTask[],
    { thenSeconds = 0, file = durationsFile }: { thenSeconds?: number; file?: string } = {},
  ) {
    this.#screen = screen;
    this.#tasks = tasks;
    this.#thenSeconds = thenSeconds;
    this.#file = file;
    this.#durations = loadDurations(file);
    if (screen.live && tasks.length > 0) this.#timer = setInterval(() => this.#showLive(), 1000);
  }

  readonly onEvent = ({ task, what }: BuildEvent): void => {
    if (what === 'started') {
      this.#started.set(task.name, Date.now());
      if (this.#screen.live) this.#showLive();
      else this.#screen.line(`${task.name}: about ${shownTime(this.#durations[task.name] ?? task.seconds)}`);
      return;
    }
    this.#made.add(task.name);
    const seconds = this.#elapsed(task);
    saveDuration(task.name, seconds, this.#file);
    this.#screen.line(
      `${task.name}: done in ${shownTime(seconds)}${this.#screen.live ? '' : `. ${this.#total()}`}`,
    );
  };

  stop(): void {
    clearInterval(this.#timer);
  }

  #showLive(): void {
    const running = this.#tasks.filter((task) => this.#started.has(task.name) && !this.#made.has(task.name));
    const shown = running.map((task) => `${task.name} (${shownTime(this.#elapsed(task))})`);
    this.#screen.live?.(`${shown.join(', ')}. ${this.#total()}`);
  }

  #total(): string {
    const open = this.#tasks
      .filter((task) => !this.#made.has(task.name))
      .map((task): OpenTask => ({ task, elapsed: this.#started.has(task.name) ? this.#elapsed(task) : 0 }));
    const left = secondsLeft(open, this.#durations) + this.#thenSeconds;
    return `${this.#made.size} of ${this.#tasks.length}, about ${shownTime(left)} left`;
  }

  #elapsed(task: BuildTask): number {
    return (Date.now() - (this.#started.get(task.name) ?? Date.now())) / 1000;
  }
}

/** `45 s`, `3 min 5 s`. */
export function shownTime(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return `${whole} s`;
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}
