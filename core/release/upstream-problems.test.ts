import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserHooks } from '../service.ts';
import type { Bundle } from './release.ts';
import type { UpstreamImage } from './upstream-image.ts';
import { upstreamProblems } from './upstream-problems.ts';

const image: UpstreamImage = {
  image: 'quay.io/a/notes:1',
  source: 'https://example.org/Dockerfile',
  user: '1000:1000',
  entrypoint: ['/usr/bin/notes'],
  command: [],
  paths: ['/bin/sh', '/usr/bin/notes', '/data'],
  tools: ['sh', 'notes', 'cat', 'wget'],
};
const none = { container: 'other', command: ['true'] };

/** What is wrong with a container that has these lines in its compose file. */
function problemsOf(
  lines: string[],
  files: Record<string, string> = {},
  hooks: Partial<UserHooks> = {},
): string[] {
  const compose = [
    'services:',
    '  notes:',
    '    image: ${IMAGE_NOTES}',
    ...lines.map((line) => `    ${line}`),
  ];
  const release = { userHooks: { logOut: none, disable: none, enable: none, remove: none, ...hooks } };
  const bundle = { release, files: { 'compose.yaml': compose.join('\n'), ...files } } as unknown as Bundle;
  return upstreamProblems(bundle, new Map([['IMAGE_NOTES', image]])).map((each) =>
    each.replace(`, which ${image.image} does not have.`, ''),
  );
}

test('what upstream has may be used: tools, paths, its user, a place for data, arguments of its entry', () => {
  assert.deepEqual(
    problemsOf([
      'user: "1000:1000"',
      'command: [serve, --fast]',
      'volumes: ["${DATA_FILES}:/data", "./files/start.sh:/start.sh:ro"]',
      'healthcheck: { test: [CMD, wget, -q, "http://127.0.0.1/"] }',
    ]),
    [],
  );
});

test('a health check is read as a command, or as a script', () => {
  const [curl] = problemsOf(['healthcheck: { test: [CMD, curl, -f, "http://127.0.0.1/"] }']);
  assert.equal(curl, 'Container "notes": its health check uses "curl"');
  const shell = problemsOf(['healthcheck: { test: [CMD-SHELL, "wget -qO- http://127.0.0.1/ | grep ok"] }']);
  assert.deepEqual(shell, ['Container "notes": its health check uses "grep"']);
  assert.deepEqual(problemsOf(['healthcheck: { test: "cat /data/ok || jq ." }']), [
    'Container "notes": its health check uses "jq"',
  ]);
});

test('scripts of the release are read, with those that they read in', () => {
  const files = {
    'files/start.sh': '#!/bin/bash\n. /haven/lib.sh\nready && exec notes',
    'files/lib.sh': 'ready() { psql -c "SELECT 1"; }\n',
  };
  const volumes = 'volumes: ["./files:/haven:ro"]';
  const expected = ['/bin/bash', 'psql'].map((each) => `Container "notes" starts "${each}"`);
  assert.deepEqual(problemsOf(['entrypoint: [/bin/sh, /haven/start.sh]', volumes], files), expected);
  assert.deepEqual(problemsOf(['entrypoint: /haven/start.sh', volumes], files), expected);
  const hook = { container: 'notes', command: ['sh', '/haven/start.sh'] };
  assert.deepEqual(problemsOf([volumes], files, { logOut: hook, rename: [hook] }), [
    ...['/bin/bash', 'psql'].map((each) => `Hook "logOut" in container "notes" uses "${each}"`),
    ...['/bin/bash', 'psql'].map((each) => `Hook "rename" in container "notes" uses "${each}"`),
  ]);
});

test('a program by a path, another user, data at another place', () => {
  assert.deepEqual(problemsOf(['command: [/usr/bin/other]']), ['Container "notes" starts "/usr/bin/other"']);
  assert.deepEqual(problemsOf(['user: "0:0"']), [
    'Container "notes" runs as 0:0, and quay.io/a/notes:1 only runs as 1000:1000.',
  ]);
  assert.deepEqual(problemsOf(['volumes: ["${DATA_FILES}:/var/lib/notes"]']), [
    'Container "notes" has data at /var/lib/notes, where quay.io/a/notes:1 keeps none.',
  ]);
});

test('other images are not looked at', () => {
  const bundle = {
    release: {},
    files: { 'compose.yaml': 'services:\n  db:\n    image: ${IMAGE_POSTGRES}\n    entrypoint: [psql]\n' },
  } as unknown as Bundle;
  assert.deepEqual(upstreamProblems(bundle, new Map([['IMAGE_NOTES', image]])), []);
});
