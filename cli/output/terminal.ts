/** What a command writes to and asks. All output and every question goes through here; tests put themselves in its place. */
export interface Terminal {
  /** Standard output: what the command answers. */
  write(text: string): void;
  /** Standard error: what it says meanwhile, and what is wrong. */
  tell(text: string): void;
  /** Can a person be asked? */
  isInteractive(): boolean;
  /** Is what it answers seen on a screen, not piped? */
  isScreen(): boolean;
  /** Everything on standard input. */
  readInput(): Promise<string>;
  confirm(question: string): Promise<boolean>;
  input(question: string, more?: InputOptions): Promise<string>;
  /** One of several; `chosen` is where it begins. */
  select(question: string, choices: { value: string; name: string }[], chosen?: string): Promise<string>;
  /** Any number of choices, at least one. */
  choose(question: string, choices: Choice[]): Promise<string[]>;
  /** What is typed is not shown. */
  password(question: string, validate?: Validate): Promise<string>;
}

/** True, or what is wrong with what was typed. */
export type Validate = (typed: string) => string | true | Promise<string | true>;

export interface InputOptions {
  default?: string;
  validate?: Validate;
}

export interface Choice {
  value: string;
  name: string;
  /** What is shown as the answer, if the name is long. */
  short: string;
  checked?: boolean;
}

export const terminal: Terminal = {
  write: (text) => {
    process.stdout.write(text);
  },
  tell: (text) => {
    process.stderr.write(text);
  },
  isInteractive: () => Boolean(process.stdin.isTTY),
  isScreen: () => Boolean(process.stdout.isTTY),
  async readInput() {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  },
  // The questions are loaded only when there is one to ask: it takes longer than most commands.
  async confirm(message) {
    const { confirm } = await import('@inquirer/prompts');
    return confirm({ message, default: false });
  },
  async input(message, more = {}) {
    const { input } = await import('@inquirer/prompts');
    return input({ message, ...more });
  },
  async select(message, choices, chosen) {
    const { select } = await import('@inquirer/prompts');
    return select({ message, choices, ...(chosen === undefined ? {} : { default: chosen }) });
  },
  async choose(message, choices) {
    const { checkbox } = await import('@inquirer/prompts');
    return checkbox({ message, choices, required: true });
  },
  async password(message, validate = () => true) {
    const { password } = await import('@inquirer/prompts');
    return password({ message, mask: true, validate });
  },
};

/** Runs work whose answers go to standard error, since standard output belongs to the JSON of the command around it. */
export async function asideOf<T>(work: () => Promise<T>): Promise<T> {
  const { write } = terminal;
  terminal.write = (text) => terminal.tell(text);
  try {
    return await work();
  } finally {
    terminal.write = write;
  }
}
