import assert from 'node:assert/strict';
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setInternetFaults } from '../../sandbox/control.ts';
import { publishImage } from '../../sandbox/images/publish-image.ts';
import { publishDebian } from '../../sandbox/images/published-debian.ts';
import type { FaultOrder } from '../../sandbox/internet/fault-order.ts';
import { containerName } from '../../sandbox/machine/container-name.ts';
import { docker, dockerSocket } from '../../sandbox/machine/docker.ts';
import {
  createMachine,
  onMachine,
  removeMachine,
  startMachine,
  tryOnMachine,
} from '../../sandbox/machine/machine.ts';
import { serverAddresses } from '../../sandbox/machine/network.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { projectRoot } from '../../system/project-root.ts';
import { type RunResult, run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { openInternet } from '../support/internet.ts';
import { openLab } from '../support/lab.ts';
import { scratch } from '../support/scratch.ts';

/**
 * The way of a real server to its images, in the sandbox's internet: a machine without any image pulls by digest, and
 * builds with packages of Debian's archive. And how each of these fails.
 */
const machine = 'layer-registries';
let debian = '';
let close: (() => Promise<void>) | undefined;

before(async () => {
  const lab = await openLab([]);
  close = await openInternet(lab, 'registries');
  await removeMachine(machine);
  await createMachine({ id: machine, hostname: machine, image: lab.machineImage, ...serverAddresses(23) });
  await startMachine(machine);
  await waitForDocker();
  debian = `debian@${await publishDebian()}`;
});
after(async () => {
  await removeMachine(machine);
  await close?.();
});

const waitForDocker = (): Promise<boolean> =>
  waitUntil(
    'the machine’s Docker',
    async () => (await tryOnMachine(machine, ['docker', 'info'])).code === 0,
    { timeoutMs: 60_000, everyMs: 500 },
  );

/** Runs a command on the machine with a limit of its own there: what ends with a client here would go on there. */
async function onServer(seconds: number, ...command: string[]): Promise<RunResult> {
  return tryOnMachine(machine, ['timeout', String(seconds), ...command], {
    timeoutMs: (seconds + 30) * 1000,
  });
}

/** Lets something go wrong at one place while this is done. */
async function whileAt<Place extends keyof FaultOrder, T>(
  place: Place,
  fault: FaultOrder[Place],
  work: () => Promise<T>,
): Promise<T> {
  await setInternetFaults({ [place]: fault });
  try {
    return await work();
  } finally {
    await setInternetFaults({ [place]: null });
  }
}

/** The status of timeout(1) when the time was over. */
const timeIsOver = 124;

let made = 0;

/** Publishes an image that no machine has seen before; answers with its name by digest. */
async function publishNew(name: string, bytes = 1000): Promise<string> {
  made += 1;
  const image = `openhaven/registries-test:${made}`;
  const folder = scratch('image');
  const socket = await dockerSocket();
  const script =
    'head -c "$1" /dev/urandom > "$2/content" && tar -C "$2" -c content | docker -H "unix://$4" import - "$3"';
  await run('bash', [
    '-c',
    `set -o pipefail; ${script}`,
    'make',
    String(bytes),
    folder,
    image,
    String(socket),
  ]);
  try {
    return `${name}@${await publishImage(image, `${name}:1`)}`;
  } finally {
    await docker(['rmi', image]);
  }
}

test('an image is pulled by its digest from each registry, and found only where it was published', async () => {
  const image = 'openhaven/registries-test:everywhere';
  await docker(['tag', 'debian:trixie-slim', image]);
  const names = [
    'docker.io/library/sample',
    'quay.io/some/sample',
    'ghcr.io/some/sample',
    'docker.gitea.com/sample',
  ];
  const digests = new Set<string>();
  for (const name of [...names, ...names]) digests.add(await publishImage(image, `${name}:1`));
  await docker(['rmi', image]);
  assert.equal(digests.size, 1, 'the same image has the same digest everywhere, each time');
  const [digest] = digests;
  for (const name of names) {
    const pulled = await onServer(60, 'docker', 'pull', `${name}@${digest}`);
    assert.equal(pulled.code, 0, pulled.stderr);
  }
  const { stdout } = await onMachine(machine, [
    'docker',
    'image',
    'ls',
    '--digests',
    '--format',
    '{{.Repository}}@{{.Digest}}',
  ]);
  assert.deepEqual(
    stdout.trim().split('\n').toSorted(),
    names.map((name) => `${name.replace('docker.io/library/', '')}@${digest}`).toSorted(),
  );
  const elsewhere = await onServer(60, 'docker', 'pull', `ghcr.io/another/sample@${digest}`);
  assert.match(elsewhere.stderr, /manifest unknown/);
});

test('a server builds an image on Debian’s, with packages of its archive and with a limit of memory', async () => {
  const context = join(scratch('context'), 'openldap');
  cpSync(join(projectRoot, 'images/openldap'), context, { recursive: true });
  const dockerfile = readFileSync(join(context, 'Dockerfile'), 'utf8');
  const base = debian.replace('debian@', 'debian:trixie-slim@');
  writeFileSync(
    join(context, 'Dockerfile'),
    dockerfile.replace('FROM debian:trixie-slim\n', `FROM ${base}\n`),
  );
  await docker(['cp', context, `${containerName(machine)}:/root/openldap`]);
  const limits = ['--memory', '512m', '--memory-swap', '512m', '--force-rm'];
  const built = await onServer(
    300,
    ...[
      'env',
      'DOCKER_BUILDKIT=0',
      'docker',
      'build',
      ...limits,
      '-t',
      'openhaven/openldap:built-here',
      '/root/openldap',
    ],
  );
  assert.equal(built.code, 0, built.stderr);
  assert.ok(built.stdout.includes(base), built.stdout.slice(0, 500));
  const version = ['docker', 'run', '--rm', '--entrypoint', 'slapd', 'openhaven/openldap:built-here', '-VV'];
  assert.match((await onServer(60, ...version)).stderr, /OpenLDAP: slapd 2\.6/);
  assert.ok(globSync(join(cacheDir, 'debian/debian/pool/main/o/openldap/slapd_*.deb')).length > 0);
});

// They wait for what does not come, each at places of its own, so they wait together.
describe('what goes wrong', { concurrency: true }, () => {
  // Both are about the same registry, so one after the other.
  describe('at a registry', { concurrency: false }, () => {
    test('is reported at once, and only of that registry', async () => {
      const faults = {
        refused: /dial tcp .*:443: connect: connection refused/,
        unavailable: /received unexpected HTTP status: 503 Service Unavailable/,
        'rate-limited': /toomanyrequests: You have reached your pull rate limit\./,
        'other-manifest': /manifest verification failed for digest sha256:/,
      } as const;
      for (const fault of Object.keys(faults) as (keyof typeof faults)[])
        for (const [registry, name] of [
          ['quay.io', 'quay.io/some'],
          ['docker.io', 'docker.io/library'],
        ] as const) {
          const image = await publishNew(`${name}/${fault}`);
          const other = await publishNew(`ghcr.io/beside/${fault}`);
          await whileAt(registry, fault, async () => {
            const pulled = await onServer(20, 'docker', 'pull', image);
            assert.match(pulled.stderr, faults[fault], `${registry} ${fault}`);
            assert.equal((await onServer(20, 'docker', 'pull', other)).code, 0, fault);
          });
          const again = await onServer(20, 'docker', 'pull', image);
          assert.equal(again.code, 0, `${registry} after ${fault}: ${again.stderr}`);
        }
    });

    test('that is slow does no harm to a client that goes away', async () => {
      const slow = await publishNew('quay.io/some/slow', 12_000_000);
      await whileAt('quay.io', 'slow', async () =>
        assert.equal((await onServer(5, 'docker', 'pull', slow)).code, timeIsOver),
      );
      const again = await onServer(60, 'docker', 'pull', slow);
      assert.equal(again.code, 0, again.stderr);
    });
  });

  // Docker tries five times, with longer and longer waits.
  test('at a registry that breaks off each blob is given up', async () => {
    const broken = await publishNew('docker.gitea.com/cut', 12_000_000);
    await whileAt('docker.gitea.com', 'cut', async () => {
      const pulled = await onServer(150, 'docker', 'pull', broken);
      assert.match(pulled.stderr, /unexpected EOF/);
    });
    const again = await onServer(60, 'docker', 'pull', broken);
    assert.equal(again.code, 0, again.stderr);
  });

  test('at Debian’s archive fails an update, which says why', async () => {
    const update = (seconds: number) =>
      onServer(
        seconds + 10,
        ...['docker', 'run', '--rm', debian, 'timeout', String(seconds), 'apt-get', 'update'],
        '--error-on=any',
      );
    const faults = {
      unavailable: /Failed to fetch .* 503 {2}Service Unavailable/,
      refused: /Failed to fetch .*connect to deb\.debian\.org:80/,
    } as const;
    for (const fault of Object.keys(faults) as (keyof typeof faults)[])
      await whileAt('deb.debian.org', fault, async () => {
        const failed = await update(60);
        assert.match(failed.stderr, faults[fault]);
        assert.match(failed.stderr, /^E: Some index files failed to download/m);
        assert.equal(failed.code, 100);
      });
    await whileAt('deb.debian.org', 'slow', async () => assert.equal((await update(15)).code, timeIsOver));
    const updated = await update(60);
    assert.equal(updated.code, 0, updated.stderr);
  });
});

test('a pull from a silent registry ends only by a limit, and a restart of Docker frees it', async () => {
  const image = await publishNew('ghcr.io/some/silent');
  await whileAt('ghcr.io', 'silent', async () =>
    assert.equal((await onServer(10, 'docker', 'pull', image)).code, timeIsOver),
  );
  await onMachine(machine, ['systemctl', 'restart', 'docker']);
  await waitForDocker();
  const pulled = await onServer(60, 'docker', 'pull', image);
  assert.equal(pulled.code, 0, pulled.stderr);
});
