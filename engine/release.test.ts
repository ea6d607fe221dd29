import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, checksumIn, engineRelease, pluginRelease } from './release.ts';

const machines = [
  ['linux', 'x64', 'linux-x64', 'linux-amd64'],
  ['linux', 'arm64', 'linux-arm64', 'linux-arm64'],
  ['darwin', 'x64', 'darwin-x64', 'darwin-amd64'],
  ['darwin', 'arm64', 'darwin-arm64', 'darwin-arm64'],
] as const;

for (const [platform, arch, engine, plugin] of machines)
  test(`names the files of a release for ${platform} on ${arch} as Pulumi does`, () => {
    assert.equal(engineRelease('1.2.3', { platform, arch })?.archive, `pulumi-v1.2.3-${engine}.tar.gz`);
    assert.equal(
      pluginRelease({ name: 'x', version: '1.2.3' }, { platform, arch })?.archive,
      `pulumi-resource-x-v1.2.3-${plugin}.tar.gz`,
    );
  });

test('there is no release for other machines', () => {
  assert.equal(engineRelease('1.2.3', { platform: 'freebsd', arch: 'x64' }), undefined);
  assert.equal(engineRelease('1.2.3', { platform: 'linux', arch: 'arm' }), undefined);
  assert.equal(pluginRelease({ name: 'x', version: '1' }, { platform: 'linux', arch: 'riscv64' }), undefined);
});

test('reads the lists of sha256sum and of shasum, and takes no other line for the file', () => {
  const [long, short] = ['a'.repeat(64), 'B'.repeat(40)];
  const list = `${long}  one.tar.gz\n${short}  ./two.tar.gz\n${'c'.repeat(63)}  three.tar.gz\n${long} *four.tar.gz\r\n`;
  assert.deepEqual(checksumIn(list, 'one.tar.gz'), { algorithm: 'sha256', hex: long });
  assert.deepEqual(checksumIn(list, 'two.tar.gz'), { algorithm: 'sha1', hex: 'b'.repeat(40) });
  assert.equal(checksumIn(list, 'three.tar.gz'), undefined);
  assert.deepEqual(checksumIn(list, 'four.tar.gz'), { algorithm: 'sha256', hex: long });
  assert.equal(checksumIn(list, 'ne.tar.gz'), undefined);
});

test("the engine's setting for mirrors names another address", () => {
  assert.equal(addressOf('sdk', ''), 'https://get.pulumi.com/releases/sdk');
  assert.equal(addressOf('plugins', 'github=https://a.example'), 'https://get.pulumi.com/releases/plugins');
  const both = 'github=https://a.example,releases/(\\w+)$=https://mirror.example/$1/';
  assert.equal(addressOf('sdk', both), 'https://mirror.example/sdk');
  for (const wrong of ['no-url', '(=https://a.example', 'a=b=c'])
    assert.throws(() => addressOf('sdk', wrong), /is not of the form regexp=URL\. Nothing was changed\./);
});
