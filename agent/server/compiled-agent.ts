import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { writeDurably } from '../store/bundle-store.ts';

/**
 * The agent is called for each step of a deploy, and V8 would compile its 2.9 MB each time, which is half of the time
 * that such a call takes. So what V8 compiled is kept in a file beside the agent (code cache,
 * https://nodejs.org/docs/latest-v20.x/api/vm.html#scriptcreatecacheddata).
 */
export interface AgentFiles {
  /** The bundle, a CommonJS module. */
  program: string;
  /** The program that loads it, with what was compiled. */
  start: string;
  /** What was compiled: the hash that `compiledHash` makes, then V8's own format. */
  compiled: string;
}

export const agentFilesIn = (folder: string): AgentFiles => ({
  program: `${folder}/agent.cjs`,
  start: `${folder}/start.cjs`,
  compiled: `${folder}/agent.compiled`,
});

/** What Node puts around a CommonJS module (modules, "The module wrapper"). */
const [head, tail] = ['(function (exports, require, module, __filename, __dirname) { ', '\n})'];
const hashBytes = 32;

/**
 * V8 compares neither the text itself nor the compiled bytes with a checksum, and ends the process if they are damaged;
 * so a hash of both comes first in the file.
 */
const compiledHash = (text: Buffer, code: Buffer): Buffer =>
  createHash('sha256').update(text).update(code).digest();

/**
 * The text of the program `start`, which is in the agent's folder. Without a compiled file that fits, Node compiles the
 * agent itself.
 */
export function renderStart({ program, compiled }: AgentFiles): string {
  return `'use strict';
const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');
const { Script } = require('node:vm');
const program = ${JSON.stringify(program)};
const compiled = ${JSON.stringify(compiled)};
const text = readFileSync(program);
const kept = existsSync(compiled) ? readFileSync(compiled) : Buffer.alloc(0);
const [hash, code] = [kept.subarray(0, ${hashBytes}), kept.subarray(${hashBytes})];
const fits = createHash('sha256').update(text).update(code).digest().equals(hash);
const script = new Script(${JSON.stringify(head)} + text + ${JSON.stringify(tail)}, {
  filename: program,
  ...(fits ? { cachedData: code } : {}),
});
script.runInThisContext()(exports, require, module, program, __dirname);
`;
}

/** Compiles the agent for its next starts, unless that was done for this text and this Node. */
export function compileAgent({ program, compiled }: AgentFiles): void {
  const text = readFileSync(program);
  const kept = existsSync(compiled) ? readFileSync(compiled) : Buffer.alloc(0);
  const code = kept.subarray(hashBytes);
  const fits = compiledHash(text, code).equals(kept.subarray(0, hashBytes));
  const script = new Script(head + text + tail, {
    filename: program,
    ...(fits ? { cachedData: code } : {}),
  });
  if (fits && !script.cachedDataRejected) return;
  const made = script.createCachedData();
  writeDurably(compiled, Buffer.concat([compiledHash(text, made), made]), 0o644);
}
