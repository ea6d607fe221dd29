import ora, { type Ora } from 'ora';
import type { Report } from '../../engine/fetch-program.ts';
import { terminal } from './terminal.ts';

/** Where it isn't seen on a screen, a line is written each time this much more has come. */
const percentALine = 25;

/** Shows how far a download is: one line that changes on a screen, a few lines elsewhere. */
export class DownloadProgress implements Report {
  readonly #spinner: Ora | undefined = isScreen()
    ? ora({ stream: process.stderr, indent: 2, discardStdin: false })
    : undefined;
  #what = '';
  #shownPercent = 0;

  say(line: string): void {
    if (this.#spinner?.isSpinning) this.#spinner.stopAndPersist({ symbol: '', text: line }).start();
    else terminal.tell(`  ${line}\n`);
  }

  progress(what: string, received: number, total: number | undefined): void {
    if (what !== this.#what) {
      this.#what = what;
      this.#shownPercent = 0;
      if (!this.#spinner)
        terminal.tell(
          `  ${what}: downloading${total ? ` ${megabytes(total)} MB` : ''}, once on this computer\n`,
        );
    }
    const text = `${what}: ${progressText(received, total)}`;
    if (this.#spinner) {
      this.#spinner.text = text;
      if (!this.#spinner.isSpinning) this.#spinner.start();
      if (received === total) this.#spinner.succeed();
      return;
    }
    const percent = total ? Math.floor((received / total) * 100) : 0;
    if (percent < this.#shownPercent + percentALine) return;
    this.#shownPercent = percent - (percent % percentALine);
    terminal.tell(`  ${text}\n`);
  }

  stop(): void {
    this.#spinner?.stop();
  }
}

/** A terminal may not know its width (`script`, some CI systems): 0 columns, in which ora counts lines without end. */
const isScreen = (): boolean => process.stderr.isTTY && process.stderr.columns > 0;

/** `34 of 118 MB (28 %)` */
export function progressText(received: number, total: number | undefined): string {
  if (total === undefined) return `${megabytes(received)} MB`;
  return `${megabytes(received)} of ${megabytes(total)} MB (${Math.floor((received / total) * 100)} %)`;
}

/** With one decimal below ten, so that a small file is not 0 MB. */
export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
