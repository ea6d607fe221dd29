import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { z } from 'zod';
import { typeHaven } from '../../cli/main.ts';
import { exitCodes } from '../../cli/output/exit-codes.ts';
import { failureSchema } from '../../cli/output/failure.ts';
import { type Terminal, terminal, type Validate } from '../../cli/output/terminal.ts';
import { registries } from '../../cli/project/image-lookups.ts';
import { SecretStore } from '../../cli/project/secret-store.ts';
import { generateSshKey } from '../../core/ssh-key.ts';
import type { Ds } from '../../sandbox/dnssec/zone-key.ts';
import { listenCloudflareEmulator } from '../../sandbox/emulators/cloudflare/listen.ts';
import { listenHetznerEmulator } from '../../sandbox/emulators/hetzner/listen.ts';
import { StubDataCentre } from '../../sandbox/emulators/hetzner/project/stub-data-centre.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from './scratch.ts';
import { StubAgent, type StubAnswer } from './stub-agent.ts';

/** What a typed command left on the screen, and how it ended. */
export interface Screen {
  code: number;
  stdout: string;
  stderr: string;
}

/** How a person at a terminal answers: text by what is in the question. Without answers nobody is there to ask. */
export type Answers = [question: RegExp, answer: string | boolean | string[]][];

export interface TypeOptions {
  /** Standard input, where it is not a terminal. */
  input?: string;
  /** Makes it a terminal, at which these answers are typed. A question without one fails; Ctrl-C is `interrupt`. */
  answers?: Answers;
  /** Is standard output a screen, too? */
  screen?: boolean;
}

/** Ctrl-C at a question, as @inquirer/prompts throws it. */
export const interrupt = 'Ctrl-C';

/** Types one command in this process, as it is typed after `haven`. */
export async function type(
  argv: string[],
  { input = '', answers, screen }: TypeOptions = {},
): Promise<Screen> {
  const shown = { stdout: '', stderr: '' };
  const before = { ...terminal };
  const answer = <T>(question: string): T => {
    const found = answers?.find(([pattern]) => pattern.test(question));
    if (!found) throw new Error(`nobody answers: ${question}`);
    if (found[1] === interrupt)
      throw Object.assign(new Error('User force closed the prompt with SIGINT'), { name: 'ExitPromptError' });
    return found[1] as T;
  };
  const judged = async (text: string, validate?: Validate): Promise<string> => {
    const verdict = (await validate?.(text)) ?? true;
    if (verdict !== true) throw new Error(`refused at its question: ${verdict}`);
    return text;
  };
  const typed: Terminal = {
    write: (text) => {
      shown.stdout += text;
    },
    tell: (text) => {
      shown.stderr += text;
    },
    isInteractive: () => answers !== undefined,
    isScreen: () => screen ?? false,
    readInput: async () => input,
    confirm: async (question) => answer(question),
    input: async (question, { validate } = {}) => judged(answer(question), validate),
    select: async (question) => answer(question),
    choose: async (question) => answer(question),
    password: async (question, validate) => judged(answer(question), validate),
  };
  Object.assign(terminal, typed);
  process.exitCode = undefined;
  try {
    await typeHaven(argv);
    return {
      code: Number(process.exitCode ?? 0),
      stdout: stripVTControlCharacters(shown.stdout),
      stderr: stripVTControlCharacters(shown.stderr),
    };
  } finally {
    Object.assign(terminal, before);
    process.exitCode = undefined;
  }
}

/** The one way in which every command fails: its code, and problems that are sentences. In JSON and in words. */
export async function fails(
  argv: string[],
  code: keyof typeof exitCodes,
  said: RegExp,
  options: TypeOptions = {},
): Promise<void> {
  const plain = await type(argv, options);
  assert.match(plain.stderr, said);
  assert.equal(plain.code, exitCodes[code], plain.stderr);
  assert.doesNotMatch(plain.stderr, /^\s+at .*:\d+:\d+|Error:|undefined|\[object/m);
  const { answers, ...others } = options;
  const json = await type([...argv, '--json'], { ...others, ...(answers ? { answers: [] } : {}) });
  const { error } = failureSchema.parse(JSON.parse(json.stdout));
  assert.equal(error.exitCode, json.code);
  if (!options.answers) assert.equal(error.code, code);
}

/**
 * Types a command that must succeed: as a person would, and with `--json`, which is parsed by the schema that its file
 * exports. Both are typed, so what it does must be safe to repeat; `once` types only the second.
 */
export async function succeeds<Output = unknown>(
  id: string,
  argv: string[] = [],
  { once = false, ...options }: TypeOptions & { once?: boolean } = {},
): Promise<{ screen: Screen; json: Output }> {
  const words = id.split(' ');
  const screen = once ? { code: 0, stdout: '', stderr: '' } : await type([...words, ...argv], options);
  assert.equal(screen.code, 0, `haven ${id}: ${screen.stderr}`);
  const json = await type([...words, ...argv, '--json'], options);
  assert.equal(json.code, 0, `haven ${id} --json: ${json.stderr}${json.stdout}`);
  const path = join(projectRoot, 'cli', 'commands', `${words.join('/')}.ts`);
  const { output } = (await import(path)) as { output?: z.ZodType };
  assert.ok(output, `${path} exports no schema "output" of what it prints with --json`);
  return { screen, json: output.parse(JSON.parse(json.stdout)) as Output };
}

/** What a registry answers that has every image. */
export const anyImage: typeof registries.ask = async (image) => ({
  digest: `sha256:${createHash('sha256').update(image.replace(/@.*$/, '')).digest('hex')}`,
  bytes: 30_000_000,
});

export interface CloudOptions {
  services?: string[];
  dns?: 'cloudflare' | 'manual';
  /** Records that the owner has in the zone already. */
  records?: { type: string; name: string; content: string }[];
  /** The DS records that its domain's registrar has published. */
  parentDs?: Ds[];
  /** What its server's agent answers; without them there is no server yet. */
  agent?: Record<string, StubAnswer>;
  /** More lines of haven.yaml. */
  yaml?: string;
}

/**
 * A cloud in a directory of its own, with emulators of the APIs in this process and, where it has a server, a stub of
 * its agent. Commands that are typed from now on are about it.
 */
export async function openCloud({
  services = ['website'],
  dns = 'cloudflare',
  records = [],
  parentDs = [],
  agent: answers,
  yaml = '',
}: CloudOptions = {}) {
  const directory = scratch('typed');
  const home = scratch('home');
  const dataCentre = new StubDataCentre();
  dataCentre.address = (_slot, family) => (family === 'ipv4' ? '127.0.0.1' : '2001:db8:5::/64');
  const hetzner = await listenHetznerEmulator({ dataCentre });
  const cloudflare = await listenCloudflareEmulator({
    zones: { 'example.org': records },
    parentDs: () => parentDs,
  });
  after(() => Promise.all([hetzner.close(), cloudflare.close()]));
  // No variable of the person who runs the tests gets in.
  for (const name of ['HAVEN_AGE_KEY', 'HAVEN_SERVICES', 'HAVEN_STATE', 'HAVEN_SSH_PORT'])
    delete process.env[name];
  Object.assign(process.env, {
    HAVEN_DIRECTORY: directory,
    HAVEN_AGE_KEY_FILE: join(home, 'key'),
    HCLOUD_ENDPOINT: hetzner.url,
    HCLOUD_TOKEN: hetzner.token,
    CLOUDFLARE_BASE_URL: cloudflare.url,
    CLOUDFLARE_API_TOKEN: cloudflare.token,
  });
  const file = join(directory, 'haven.yaml');
  const id = 'typed-1234';
  writeFileSync(
    file,
    [
      'version: 1',
      `id: ${id}`,
      `domains:\n  - name: example.org\n    dns: ${dns}`,
      'owner:\n  name: Ada\n  email: ada@example.com',
      'timeZone: Europe/Berlin',
      'server:\n  type: cx33\n  location: fsn1\n  diskGb: 10',
      ...(yaml ? [yaml] : []),
      `services:\n${services.map((each) => `  ${each}: {}\n`).join('')}`,
    ].join('\n'),
  );
  registries.ask = anyImage;
  const cloud = {
    id,
    directory,
    hetzner,
    cloudflare,
    read: (name = 'haven.yaml') => readFileSync(join(directory, name), 'utf8'),
    has: (name: string) => existsSync(join(directory, name)),
    write: (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    },
    secrets: () => SecretStore.open(directory, id),
    agent: undefined as unknown as StubAgent,
  };
  if (answers) cloud.agent = await addServer(cloud, answers);
  return cloud;
}

/** A server at the emulated provider whose address leads to the stub. */
async function addServer(
  { id, hetzner, secrets }: Awaited<ReturnType<typeof openCloud>>,
  answers: Record<string, StubAnswer>,
): Promise<StubAgent> {
  const store = await secrets();
  const sshKey = generateSshKey('owner');
  const agent = await StubAgent.listen(sshKey.public, answers);
  after(() => agent.close());
  await store.set('ssh-key', JSON.stringify(sshKey));
  await store.set('host-key-a', JSON.stringify(agent.hostKey));
  hetzner.state.primary_ips.push({
    id: 1,
    name: 'a',
    created: '2026-01-01T00:00:00Z',
    labels: { haven: id, 'haven-part': 'a-ipv4' },
    type: 'ipv4',
    ip: '127.0.0.1',
    location: 'fsn1',
    assignee_id: 1,
    auto_delete: false,
    dns_ptr: [],
    protection: { delete: false },
    slot: 0,
  });
  process.env.HAVEN_SSH_PORT = String(agent.port);
  return agent;
}
