import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildStepIn, upstreamOf, whyBuildFailed } from './image-recipe.ts';

test('a Dockerfile says which image it takes upstream’s files from', () => {
  assert.equal(upstreamOf('ARG UPSTREAM=quay.io/a/b:v1\nFROM ${UPSTREAM} AS upstream\n'), 'quay.io/a/b:v1');
  assert.equal(upstreamOf('FROM debian:trixie-slim\n'), undefined);
});

test('a step of a build is told by its number', () => {
  assert.deepEqual(buildStepIn('Step 3/7 : RUN groupadd', 'openhaven/caddy:0f3c'), {
    ...{ building: 'caddy', step: 3, of: 7 },
  });
  assert.equal(buildStepIn(' ---> 1f2e3d', 'openhaven/caddy:0f3c'), undefined);
});

for (const [what, output, why] of [
  [
    'a package that does not exist',
    "E: Unable to locate package slapdd\nThe command '/bin/sh -c apt-get …' returned a non-zero code: 100\n",
    'E: Unable to locate package slapdd',
  ],
  [
    'too little memory',
    "Killed\nThe command '/bin/sh -c …' returned a non-zero code: 137\n",
    'it needed more memory than a build may use, or than the server has left',
  ],
  [
    'a full disk',
    'dpkg: error: write: No space left on device\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n',
    "the server's own disk is full",
  ],
  [
    'a registry that refuses',
    'Error response from daemon: toomanyrequests: You have reached your pull rate limit.\n',
    'toomanyrequests: You have reached your pull rate limit',
  ],
] as const)
  test(`why a build failed: ${what}`, () => assert.equal(whyBuildFailed(output), why));
