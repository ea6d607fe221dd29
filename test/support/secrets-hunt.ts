import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecretStore } from '../../cli/project/secret-store.ts';
import { sandboxDir } from '../../sandbox/host/paths.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import type { Owner } from './owner.ts';

/** The real value of every secret of a cloud: the owner's, and those that were made on the server. */
export async function secretValues(owner: Owner, machine: string): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  process.env.XDG_CONFIG_HOME = owner.environment.XDG_CONFIG_HOME;
  const id = /^id: (.*)$/m.exec(owner.read())![1]!;
  const store = await SecretStore.open(owner.directory, id);
  for (const name of store.names()) values.set(name, secretPart(store.get(name)!));
  const files = 'find /srv/haven/secrets -type f -name "*.1"; ls /srv/haven/certs/*/key-*.pem';
  const read = `for f in $(${files}); do echo "$f $(base64 -w 0 $f)"; done`;
  for (const line of (await onMachine(machine, ['sh', '-c', read])).stdout.trim().split('\n')) {
    const [file = '', content = ''] = line.split(' ');
    values.set(file, secretPart(Buffer.from(content, 'base64').toString()));
  }
  return values;
}

/** The part to search for: of a private key one line from its middle, however it is wrapped; else all of it. */
export function secretPart(value: string): string {
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]*?)-----END/.exec(value)?.[1];
  if (key === undefined) return value.trim();
  const lines = key.split(/\\n|\n/).filter((line) => line.length >= 30);
  const line = lines[Math.floor(lines.length / 2)];
  if (!line) throw new Error('a private key without a line to search for');
  return line;
}

/** Everything that others may read, by where it is. */
export async function readableByOthers(owner: Owner, machine: string): Promise<Record<string, string>> {
  const on = async (command: string): Promise<string> =>
    (await onMachine(machine, ['sh', '-c', command])).stdout;
  const plan = await owner.haven(['plan']);
  const history = await owner.haven(['history', '--json']);
  return {
    'haven plan': plan.stdout + plan.stderr,
    'haven history': history.stdout,
    'state of the engine': readFolder(join(owner.directory, '.haven')),
    'haven.yaml, haven.lock, before.zone': readFolder(
      owner.directory,
      (path) => !path.includes('.haven/') && !path.endsWith('secrets.age'),
    ),
    'journald on the server': await on('journalctl --no-pager'),
    "cloud-init's logs": await on('cat /var/log/cloud-init*.log'),
    'process list': await on('ps axww -o args'),
    'environments of processes': await on(
      'for p in /proc/[0-9]*/environ; do tr "\\0" "\\n" < $p 2>/dev/null; done; true',
    ),
    'docker inspect': await on('docker inspect $(docker ps -aq)'),
    'logs of containers': await on('for c in $(docker ps -aq); do docker logs $c 2>&1; done'),
    'releases and journals on the volume': await on(
      'cat /srv/haven/journal/* ; find /srv/haven/services -path "*/releases/*" -type f -exec cat {} +',
    ),
    'copies of the state on the server': await on('for f in /srv/haven/state/*; do base64 -d $f; done'),
    'what the agent is run with': await on(
      'find /etc/systemd/system/haven* /etc/docker/daemon.json -type f -exec cat {} +',
    ),
    'log of the sandbox': readFileSync(join(sandboxDir, 'daemon.log'), 'utf8'),
    'environment of local processes': localEnvironments(),
  };
}

function readFolder(folder: string, wanted: (path: string) => boolean = () => true): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted(join(entry.parentPath, entry.name)))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

function localEnvironments(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        );
      } catch {
        // A process that has ended meanwhile has nothing to show.
        return '';
      }
    })
    .join('\n');
}
