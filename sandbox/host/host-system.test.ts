import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProblem } from '../../core/problem.ts';
import {
  describeFirstStart,
  type FirstStart,
  type HostSystem,
  judgeHost,
  lookAtHost,
} from './host-system.ts';

const debian: HostSystem = {
  platform: 'linux',
  isDebian: true,
  isRoot: true,
  memoryGb: 7.8,
  freeDiskGb: 212.4,
};
const docker = { program: 'dockerd', package: 'docker.io', why: 'the sandbox servers are containers' };
const first: FirstStart = { packages: [docker], memoryGb: 2.66 };
const judged = (host: Partial<HostSystem>, start: FirstStart | undefined = first): string =>
  judgeHost({ ...debian, ...host }, 'haven sandbox start', start)
    .map(renderProblem)
    .join('\n');

test('says what a first start sets up, how long it takes, and what it needs', () => {
  const text = describeFirstStart(debian, first).join('\n');
  assert.match(text, /- the Debian package docker\.io: the sandbox servers are containers\n/);
  assert.match(text, /It takes 10 to 40 minutes with 2 cores\. Later starts take 20 seconds to 2 minutes\./);
  assert.match(
    text,
    /13 GB of disk \(212 GB are free\) and up to 2\.7 GB of memory \(this machine has 7\.8 GB\)/,
  );
  assert.match(text, /haven sandbox reset --purge {3}Then: apt-get remove docker\.io$/);
});

test('a machine that has everything is accepted', () => {
  assert.equal(judged({}), '');
  assert.equal(
    judged({ isDebian: false }, { ...first, packages: [] }),
    '',
    'another Linux with all programs',
  );
});

test('names everything that a machine lacks, with what to do', () => {
  const text = judged({ isRoot: false, isDebian: false, freeDiskGb: 5.25, memoryGb: 2 });
  assert.match(text, /haven sandbox start: the sandbox needs root.*Nothing was changed\. Run it with sudo/);
  assert.match(text, /installed automatically on Debian only: dockerd\. Nothing was changed/);
  assert.match(text, /takes 13 GB of disk, and 5\.3 GB are free/);
  assert.match(text, /up to 2\.7 GB of memory, and this machine has 2\.0 GB/);
});

test('space and memory are not asked for again after the first start', () => {
  assert.equal(judgeHost({ ...debian, freeDiskGb: 1, memoryGb: 1 }, 'haven sandbox start').length, 0);
});

test('on macOS names the way by a virtual machine, and what works without one', () => {
  const text = judged({ platform: 'darwin', isDebian: false });
  assert.match(text, /needs Linux, and this is macOS\. Nothing was changed\..*limactl start .*debian-12/);
  assert.match(text, /haven init, plan and up work on macOS itself\.$/);
});

test('looks at this machine', () => {
  const { memoryGb, freeDiskGb, platform } = lookAtHost();
  assert.ok(memoryGb > 0.1 && freeDiskGb > 0);
  assert.equal(platform, process.platform);
});
