import { onMachine } from '../../sandbox/machine/machine.ts';
import type { LabServer } from '../support/lab.ts';
import type { Figure } from './figure.ts';

/** What the agent takes when nothing happens, and at most while it answers. */
export async function benchMemory(server: LabServer): Promise<Figure[]> {
  const { stdout: resident } = await onMachine(server.id, [
    'sh',
    '-c',
    'for p in $(pgrep -f haven/start.cjs); do awk "/VmRSS/ {print \\$2}" /proc/$p/status; done',
  ]);
  const atRest =
    resident
      .trim()
      .split('\n')
      .filter(Boolean)
      .reduce((sum, each) => sum + Number(each), 0) / 1024;
  const measured =
    'process.on("exit", () => process.stderr.write(`peak ${process.resourceUsage().maxRSS}\\n`))';
  const { stderr } = await onMachine(server.id, [
    'node',
    '--import',
    `data:text/javascript,${encodeURIComponent(measured)}`,
    '/usr/local/lib/haven/start.cjs',
    'list',
  ]);
  const peak = Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024;
  return [
    {
      what: 'agent at rest',
      ours: `${atRest.toFixed(0)} MB${atRest === 0 ? ' (no process: timers start it)' : ''}`,
      beside: '',
      limit: { text: 'at most 80 MB', holds: atRest <= 80 },
    },
    {
      what: 'agent while it looks at all services',
      ours: `${peak.toFixed(0)} MB at most`,
      beside: '',
      limit: { text: 'at most 80 MB', holds: peak <= 80 },
    },
  ];
}
