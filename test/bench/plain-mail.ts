import type { Bundle } from '../../core/release/release.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { onServer, server } from '../support/mail-lab.ts';
import { plainMailCompose, plainMailFiles } from './plain-mail-files.ts';

/** On the disk that mail is on. */
const folder = '/srv/haven/plain-mail';
const live = '/srv/haven/services/mail/current';
const compose = `docker compose --file ${folder}/compose.yaml --env-file ${live}/.env`;

/**
 * The same programs, images and settings as mail has on this server, as one would run them by hand: on the host's network,
 * without HAProxy and its PROXY header, without a bridge. Its data are subvolumes of their own, as those of mail are: in one of them
 * email from another server took a fifth longer (docs/measured.md). `bundle` is the release that runs there.
 */
export async function startPlainMail({ release, files }: Bundle): Promise<void> {
  const put = (path: string, input: string) =>
    onMachine(server.id, ['sh', '-c', `cat > ${folder}/${path}`], { input });
  await onServer('sh', '-ec', `mkdir -p ${folder}/data; cp -a ${live}/files ${folder}/files`);
  // Programs without rights listen on low ports, as they may in a container with a network of its own.
  await onServer('sysctl', '-q', '-w', 'net.ipv4.ip_unprivileged_port_start=0');
  const { 'compose.yaml': text = '', ...others } = files;
  for (const [path, changed] of Object.entries(plainMailFiles(others)))
    if (changed !== others[path]) await put(path, changed);
  for (const [name, { uid }] of Object.entries(release.data)) {
    const data = `${folder}/data/${name}`;
    const make = `btrfs -q subvolume create ${data}; chown ${uid}:${uid} ${data}; chmod 700 ${data}`;
    await onServer('sh', '-ec', make);
  }
  await onServer('cp', '-a', '/srv/haven/services/mail/data/patterns/.', `${folder}/data/patterns/`);
  // As the agent leaves it for Postfix's other users.
  await onServer('chmod', '755', `${folder}/data/queue`);
  await put('compose.yaml', plainMailCompose(text, { folder, slapd: await addressOfSlapd() }));
  const { code, stderr } = await tryOnMachine(server.id, [
    ...['sh', '-c', `${compose} up --detach --wait --wait-timeout 120`],
  ]);
  if (code === 0) return;
  const why = await onServer('sh', '-c', `${compose} ps --all; ${compose} logs --tail 10; ss -ltnp`);
  throw new Error(`The plain mail server does not start: ${stderr}\n${why.stdout}`);
}

async function addressOfSlapd(): Promise<string> {
  const address = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  const { stdout } = await onServer('docker', 'inspect', '-f', address, 'haven-ldap-slapd-1');
  return stdout.split(' ')[0]!;
}
