import { nearest, type Problem } from '../core/problem.ts';

/** Words of other programs for what we call otherwise. */
const otherWords: Record<string, string> = {
  deploy: 'up',
  apply: 'up',
  upgrade: 'up',
  update: 'up',
  preview: 'plan',
  diff: 'plan',
  health: 'status',
  check: 'status',
  run: 'exec',
  shell: 'ssh',
  log: 'logs',
  down: 'destroy',
  people: 'user',
  users: 'user',
  services: 'service',
  secrets: 'secret',
  delete: 'remove',
  rm: 'remove',
  ls: 'list',
  info: 'show',
  show: 'info',
  passwd: 'set-password',
  password: 'set-password',
  roll: 'renew-key',
  try: 'sandbox',
};

/** What to say about words that name no command; `known` are the commands, with spaces. */
export function unknownCommand(typed: string[], known: string[]): Problem {
  const words = typed.filter((each) => !each.startsWith('-'));
  const command = known
    .filter((each) => `${words.join(' ')} `.startsWith(`${each} `))
    .sort((a, b) => b.length - a.length)[0];
  if (command)
    return {
      where: `haven ${command}`,
      what: `unexpected argument "${words.slice(command.split(' ').length).join(' ')}".`,
      remedy: `Run: haven ${command} --help`,
    };
  const meant = likely(words, known);
  return {
    where: 'haven',
    what: `there is no command "${words.join(' ')}".`,
    remedy: meant ? `Did you mean "haven ${meant}"?` : 'Run: haven --help',
  };
}

function likely(words: string[], known: string[]): string | undefined {
  const topics = new Set(known.map((each) => each.split(' ')[0]!));
  const [first = '', second] = words;
  const topic = topics.has(first) ? first : (wordFor(first, [...topics]) ?? nearest(first, [...topics]));
  if (!topic) return undefined;
  const below = known.filter((each) => each.startsWith(`${topic} `)).map((each) => each.split(' ')[1]!);
  if (below.length === 0 || second === undefined) return topic;
  const verb = below.includes(second) ? second : (wordFor(second, below) ?? nearest(second, below));
  return verb ? `${topic} ${verb}` : `${topic} --help`;
}

const wordFor = (typed: string, known: string[]): string | undefined => {
  const word = otherWords[typed];
  return word !== undefined && known.includes(word) ? word : undefined;
};
