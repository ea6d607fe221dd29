/** What a shell script starts, as far as its text says. */
export interface ShellCommands {
  /** Names and paths in the place of a command; without the shell's own words and those that a variable holds. */
  commands: string[];
  /** Functions that it defines. */
  functions: string[];
  /** Files that it reads in with `.` or `source`. */
  sourced: string[];
}

/** Words after which a command follows, and words that take none (bash(1), RESERVED WORDS). */
const before = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', 'time', 'coproc']);
const after = new Set(['fi', 'done', 'esac', '}', 'for', 'select', 'function', 'in', 'case']);
/** bash(1), SHELL BUILTIN COMMANDS; those that sh has are among them. */
const builtins = new Set(
  `: [ alias bg break builtin cd command continue declare dirs disown echo enable eval exec exit export false fc fg getopts
  hash help jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source .
  suspend test times trap true type typeset ulimit umask unalias unset wait`.split(/\s+/),
);
/** Programs and builtins that start the command after them and their options. */
const starters = new Set(['exec', 'env', 'nohup', 'xargs', 'command', 'nice', 'setsid']);

/**
 * Finds the commands of a script for sh or bash: at the beginning of each pipeline, in substitutions, in what `sh -c` is
 * given. It reads quotes, comments, here-documents, `case` and `[[`; it runs nothing, so a command in a variable is not
 * found.
 */
export function shellCommands(script: string): ShellCommands {
  const found: ShellCommands = { commands: [], functions: [], sourced: [] };
  new Scanner(script, found).run();
  const unique = (words: string[]) => [...new Set(words)];
  return {
    commands: unique(found.commands).filter((each) => !builtins.has(each)),
    functions: unique(found.functions),
    sourced: unique(found.sourced),
  };
}

class Scanner {
  readonly #text: string;
  readonly #found: ShellCommands;
  #at = 0;
  /** Whether the next word is a command. */
  #isCommand = true;
  /** What the words belong to: the command before them. */
  #command = '';
  #inTest = false;
  #cases = 0;
  #hereDocuments: { end: string; isQuoted: boolean }[] = [];

  constructor(text: string, found: ShellCommands) {
    this.#text = text;
    this.#found = found;
  }

  run(): void {
    while (this.#at < this.#text.length) this.#step();
  }

  #step(): void {
    const rest = this.#text.slice(this.#at);
    const [blank] = /^(?:[ \t\r]|\\\n)+/.exec(rest) ?? [];
    if (blank) this.#at += blank.length;
    else if (rest.startsWith('#')) this.#at += /^[^\n]*/.exec(rest)![0].length;
    else if (rest.startsWith('\n')) this.#endLine();
    else if (this.#isCommand && rest.startsWith('((')) this.#skip(rest.indexOf('))') + 2);
    else if (rest.startsWith(';;')) {
      this.#skip(/^;;&?|^;&/.exec(rest)![0].length);
      this.#begin();
      if (this.#cases > 0) this.#pattern();
    } else if (/^<<-?(?![<(])/.test(rest)) this.#hereDocument();
    else if (rest.startsWith('<<<')) {
      this.#at += 3;
      this.#blanks();
      this.#word();
    } else if (/^[<>]\(/.test(rest)) {
      this.#at += 1;
      this.#parentheses();
    } else if (/^\d*(?:[<>]{1,2}[|&]?|&>{1,2})/.test(rest)) {
      this.#at += /^\d*(?:[<>]{1,2}[|&]?|&>{1,2})/.exec(rest)![0].length;
      this.#blanks();
      if (!/^[-\n;|]/.test(this.#text.slice(this.#at))) this.#word();
      else if (this.#text[this.#at] === '-') this.#at += 1;
    } else if (/^[;&|()]/.test(rest)) {
      this.#at += 1;
      if (!this.#inTest) this.#begin();
    } else this.#take();
  }

  #skip(length: number): void {
    this.#at += Math.max(length, 1);
  }
  #blanks(): void {
    this.#at += /^[ \t]*/.exec(this.#text.slice(this.#at))![0].length;
  }
  #begin(): void {
    this.#isCommand = true;
    this.#command = '';
  }

  #endLine(): void {
    this.#at += 1;
    if (!this.#inTest) this.#begin();
    for (const { end, isQuoted } of this.#hereDocuments.splice(0)) {
      const lines = this.#text.slice(this.#at).split('\n');
      const length = lines.findIndex((line) => line.replace(/^\t+/, '') === end);
      const body = lines.slice(0, length < 0 ? undefined : length).join('\n');
      if (!isQuoted) this.#substitutionsIn(body);
      this.#at += body.length + (length < 0 ? 0 : (length === 0 ? 0 : 1) + lines[length]!.length);
    }
  }

  #hereDocument(): void {
    this.#at += /^<<-?[ \t]*/.exec(this.#text.slice(this.#at))![0].length;
    const [, quote = '', end = ''] = /^(['"\\]?)([\w.-]+)\1?/.exec(this.#text.slice(this.#at)) ?? [];
    this.#at += end.length + (quote === '\\' ? 1 : 2 * quote.length);
    this.#hereDocuments.push({ end, isQuoted: quote !== '' });
  }

  /** The words before `)` in a `case`. */
  #pattern(): void {
    this.#at += /^(?:\s|#[^\n]*\n)*/.exec(this.#text.slice(this.#at))![0].length;
    if (/^esac\b/.test(this.#text.slice(this.#at))) return;
    const end = this.#text.indexOf(')', this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
    this.#begin();
  }

  /** A word, in the place of a command or after one. */
  #take(): void {
    const start = this.#at;
    const word = this.#word();
    if (this.#at === start) this.#at += 1;
    if (this.#inTest) {
      if (word === ']]') this.#inTest = false;
      return;
    }
    const raw = this.#text.slice(start, this.#at);
    if (/^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(raw)) this.#value();
    else if (this.#isCommand) this.#commandWord(word);
    else this.#argument(word);
  }

  /** The value of an array is in parentheses, and no command. */
  #value(): void {
    if (this.#text[this.#at] !== '(') return;
    const [inner, end] = this.#inParentheses(this.#at);
    this.#substitutionsIn(inner);
    this.#at = end;
  }

  #commandWord(word: string | undefined): void {
    const [definition] = /^[ \t]*\(\)/.exec(this.#text.slice(this.#at)) ?? [];
    if (word !== undefined && definition) {
      this.#found.functions.push(word);
      this.#at += definition.length;
      return;
    }
    if (word === '[[') this.#inTest = true;
    if (word === 'esac') this.#cases -= 1;
    if (word !== undefined && before.has(word)) return;
    this.#isCommand = false;
    this.#command = word ?? '';
    if (word === undefined || word === '[[' || word === '' || after.has(word)) return;
    this.#found.commands.push(word);
  }

  #argument(word: string | undefined): void {
    const command = this.#command;
    if (command === 'case' && word === 'in') {
      this.#cases += 1;
      this.#pattern();
    } else if (command === 'function') {
      this.#found.functions.push(word ?? '');
      this.#begin();
    } else if (command === '.' || command === 'source') {
      if (word !== undefined) this.#found.sourced.push(word);
      this.#command = '';
    } else if (starters.has(command)) {
      if (command === 'command' && word === '-v') this.#command = '';
      else if (word === undefined || !/^-|=/.test(word)) {
        this.#isCommand = true;
        this.#commandWord(word);
      }
    } else if (/^(?:.*\/)?(?:ba)?sh$/.test(command) && word === '-c') this.#command = 'sh -c';
    else if (command === 'sh -c') {
      if (word !== undefined) new Scanner(word, this.#found).run();
      this.#command = '';
    }
  }

  /** Reads a word; undefined if its value is only known when the script runs. */
  #word(): string | undefined {
    let value = '';
    let isKnown = true;
    for (;;) {
      const rest = this.#text.slice(this.#at);
      const char = rest[0];
      if (char === undefined || /[\s;&|()<>]/.test(char)) break;
      if (char === "'" || rest.startsWith("$'")) {
        const from = this.#at + (char === "'" ? 1 : 2);
        const end = this.#text.indexOf("'", from);
        value += this.#text.slice(from, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#text.length : end + 1;
      } else if (char === '"') {
        const inner = this.#quoted();
        this.#substitutionsIn(inner);
        if (/[$`]/.test(inner)) isKnown = false;
        value += inner.replaceAll(/\\(["\\$`])/g, '$1');
      } else if (char === '\\') {
        value += rest[1] === '\n' ? '' : (rest[1] ?? '');
        this.#at += 2;
      } else if (rest.startsWith('$((')) {
        isKnown = false;
        this.#skip(rest.indexOf('))') + 2);
      } else if (rest.startsWith('$(')) {
        isKnown = false;
        this.#at += 1;
        this.#parentheses();
      } else if (char === '`') {
        isKnown = false;
        const end = this.#text.indexOf('`', this.#at + 1);
        new Scanner(this.#text.slice(this.#at + 1, end < 0 ? undefined : end), this.#found).run();
        this.#at = end < 0 ? this.#text.length : end + 1;
      } else if (rest.startsWith('${')) {
        isKnown = false;
        const end = this.#text.indexOf('}', this.#at);
        this.#at = end < 0 ? this.#text.length : end + 1;
      } else {
        if (char === '$') isKnown = false;
        value += char;
        this.#at += 1;
      }
    }
    return isKnown ? value : undefined;
  }

  /** The text in double quotes; substitutions in it may have quotes of their own. */
  #quoted(): string {
    const from = this.#at + 1;
    let at = from;
    while (at < this.#text.length && this.#text[at] !== '"') {
      if (this.#text[at] === '\\') at += 2;
      else if (this.#text.startsWith('$(', at)) [, at] = this.#inParentheses(at + 1);
      else at += 1;
    }
    this.#at = Math.min(at + 1, this.#text.length);
    return this.#text.slice(from, at);
  }

  #substitutionsIn(text: string): void {
    for (let at = 0; at < text.length; at++) {
      if (text[at] === '\\') at += 1;
      else if (text.startsWith('$(', at) && !text.startsWith('$((', at)) {
        const [inner, end] = new Scanner(text, this.#found).#inParentheses(at + 1);
        new Scanner(inner, this.#found).run();
        at = end - 1;
      }
    }
  }

  #parentheses(): void {
    const [inner, end] = this.#inParentheses(this.#at);
    new Scanner(inner, this.#found).run();
    this.#at = end;
  }

  /** What is between `(` at a place and its `)`, and where that ends. */
  #inParentheses(from: number): [inner: string, end: number] {
    let depth = 0;
    for (let at = from; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === '\\') at += 1;
      else if (char === "'") at = this.#endOf("'", at);
      else if (char === '"') {
        const inner = new Scanner(this.#text, this.#found);
        inner.#at = at;
        inner.#quoted();
        at = inner.#at - 1;
      } else if (char === '(') depth += 1;
      else if (char === ')') {
        depth -= 1;
        if (depth === 0) return [this.#text.slice(from + 1, at), at + 1];
      }
    }
    return [this.#text.slice(from + 1), this.#text.length];
  }
  #endOf(quote: string, from: number): number {
    const end = this.#text.indexOf(quote, from + 1);
    return end < 0 ? this.#text.length : end;
  }
}
