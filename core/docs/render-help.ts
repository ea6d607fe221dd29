import type { CommandInfo } from './render-docs.ts';

/** What `haven --help` shows: all commands, by what one wants to do, in the order in which one does it. */
const groups: [title: string, commands: string[]][] = [
  ['Start', ['init', 'plan', 'up', 'status']],
  ['Services', ['service list', 'service info', 'service add', 'service remove', 'stop', 'start', 'restart']],
  [
    'Users',
    [
      ...[
        'user list',
        'user show',
        'user add',
        'user invite',
        'user set-password',
        'user groups',
        'user rename',
      ],
      ...['user disable', 'user enable', 'user remove'],
    ],
  ],
  [
    'Mail',
    [
      ...['mail check', 'mail log', 'mail queue', 'mail queue retry', 'mail queue delete'],
      ...['alias list', 'alias add', 'alias remove'],
    ],
  ],
  [
    'Something is wrong',
    [
      'doctor',
      'logs',
      'history',
      'rollback',
      'operation abort',
      'exec',
      'ssh',
      'user rescue',
      'ban list',
      'ban lift',
      'state show',
      'state use',
    ],
  ],
  ['Backups', ['backup now', 'backup list', 'restore', 'recover', 'backup key']],
  ['Alarms', ['alarm test', 'alarm list']],
  ['Secrets', ['secret list', 'secret set', 'secret show', 'secret remove', 'certificate renew-key']],
  [
    'Try it on this machine',
    ['sandbox start', 'sandbox open', 'sandbox bucket', 'sandbox status', 'sandbox stop', 'sandbox reset'],
  ],
  ['Leave', ['destroy']],
];

export function renderHelp(commands: CommandInfo[], about: string): string {
  const left = new Set(commands.map((each) => each.id));
  const sections = groups.map(([title, ids]) => {
    const lines = ids.map((id) => {
      const command = commands.find((each) => each.id === id);
      if (!command || !left.delete(id))
        throw new Error(`core/docs/render-help.ts: "${id}" is not a command.`);
      return `  ${id.padEnd(22)} ${command.summary}`;
    });
    return [title, ...lines].join('\n');
  });
  if (left.size > 0) throw new Error(`core/docs/render-help.ts: in no group: ${[...left].join(', ')}`);
  return [
    about,
    'Usage: haven COMMAND   More about one: haven COMMAND --help',
    ...sections,
    'New here? Build a whole cloud on this machine, free: haven sandbox start\n',
  ].join('\n\n');
}
