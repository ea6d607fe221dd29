import ora from 'ora';

/** Where a build says how far it is: `live` is one line that is overwritten, `line` stays. */
export interface BuildLines {
  line(text: string): void;
  live?(text: string): void;
}

/**
 * Shows what a build says on standard error: in a line that is overwritten or, outside a terminal, in lines that stay.
 * `text` is shown until it says something.
 */
export async function whileBuilding<Result>(
  text: string,
  build: (screen: BuildLines) => Promise<Result>,
): Promise<Result> {
  const spinner = ora({ stream: process.stderr, text }).start();
  const line = (said: string): void => {
    spinner.clear();
    process.stderr.write(`  ${said}\n`);
  };
  const live = (said: string): void => {
    spinner.text = said;
  };
  try {
    return await build(process.stderr.isTTY ? { line, live } : { line });
  } finally {
    spinner.stop();
  }
}
