import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { asking } from '../../cli/output/asking.ts';
import type { exitCodes } from '../../cli/output/exit-codes.ts';
import { failureSchema } from '../../cli/output/failure.ts';
import { serverLimits } from '../../cli/project/server-link.ts';
import { apiLimits } from '../../components/api-call.ts';
import { agentLimits } from '../../components/provider/agent-link.ts';
import { authorityPatience } from '../../stacks/acme-account.ts';
import { projectRoot } from '../../system/project-root.ts';
import { sshLimits } from '../../system/ssh.ts';
import { judgeFailure } from './judge-failure.ts';
import { stubSessions } from './stub-session.ts';
import { type CloudOptions, openCloud, type TypeOptions, type } from './typist.ts';

export type Cloud = Awaited<ReturnType<typeof openCloud>> & { engine: ReturnType<typeof stubSessions> };

/** One way to fail: how it is provoked, what is typed, and how that ends. The sentence is in the golden file. */
export interface FailureCase {
  name: string;
  /** After `haven`; `CLOUD` is the cloud's directory. */
  typed: string;
  code?: keyof typeof exitCodes;
  cloud?: CloudOptions;
  provoke?(cloud: Cloud): Promise<void> | void;
  options?: TypeOptions;
  /** How many problems there are to name; by default one. */
  causes?: number;
  /** It can only be typed once, so its JSON is not looked at. */
  once?: boolean;
}

/** Waits of the product that a test need not wait for as long as an owner; long enough for who does answer, on a busy machine. */
export const shortLimits = { answerMs: 1500, callMs: 2000, firstWaitMs: 10 };

/**
 * Provokes every failure of a table through the typed command. Each ends in time and in the form of the house
 * (test/support/judge-failure.ts), in words and with `--json`, and says what its golden file says: `said/NAME.txt` beside
 * the test. HAVEN_GOLDEN=write renews it; look at the difference before you commit it.
 */
export function provokeAll(tests: string, name: string, table: FailureCase[]): void {
  const golden = new URL(`./said/${name}.txt`, tests);
  const known = existsSync(golden) ? parse(readFileSync(golden, 'utf8')) : new Map<string, string>();
  const isWriting = process.env.HAVEN_GOLDEN === 'write';
  const said = new Map<string, string>();
  for (const each of table)
    test(`${name}: ${each.name}`, async () => {
      Object.assign(apiLimits, shortLimits);
      Object.assign(authorityPatience, { answerMs: 400, waitsMs: [10] });
      // What is shown meanwhile depends on this machine; cli/output/asking.test.ts looks at it.
      asking.afterMs = 60_000;
      sshLimits.handshakeMs = 300;
      serverLimits.patienceMs = 0;
      Object.assign(agentLimits, { quickMs: 1500, lookMs: 1500 });
      const { text, faults } = await provoke(each);
      said.set(each.name, text);
      assert.deepEqual(faults, [], text);
      if (!isWriting)
        assert.equal(
          text,
          known.get(each.name),
          `If the change is meant: HAVEN_GOLDEN=write npm run test:unit -- failures`,
        );
    });
  test(`${name}: the golden file has what is provoked, and nothing else`, () => {
    const names = table.map((each) => each.name);
    assert.equal(new Set(names).size, names.length, 'two have one name');
    if (!isWriting) assert.deepEqual([...known.keys()], names);
  });
  after(() => {
    if (isWriting && said.size === table.length) writeFileSync(golden, render(table, said));
  });
}

async function provoke(each: FailureCase): Promise<{ text: string; faults: string[] }> {
  const { code = 'failed', options = {}, once = false } = each;
  const opened = await openCloud(each.cloud);
  const cloud: Cloud = Object.assign(opened, { engine: stubSessions() });
  await each.provoke?.(cloud);
  const words = each.typed.split(' ').map((word) => word.replace('CLOUD', cloud.directory));
  const begun = Date.now();
  const screen = await type(words, options);
  const seconds = (Date.now() - begun) / 1000;
  const secrets = [process.env.HCLOUD_TOKEN, process.env.CLOUDFLARE_API_TOKEN].filter(
    (token): token is string => token !== undefined && token.length > 20,
  );
  const judged = { screen, seconds, secrets, code, ...(each.causes ? { causes: each.causes } : {}) };
  const isFailure = code !== 'ok' && code !== 'changes';
  const text = shown(code === 'changes' ? screen.stdout : screen.stderr, cloud);
  if (once || !isFailure) return { text, faults: judgeFailure(judged) };
  const { answers: _, ...others } = options;
  const { stdout } = await type([...words, '--json'], others);
  const json = failureSchema.safeParse(asJson(stdout));
  if (!json.success) return { text, faults: [...judgeFailure(judged), `prints this with --json: ${stdout}`] };
  return { text, faults: judgeFailure({ ...judged, json: json.data }) };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What differs between machines and runs has the same name in all. */
const shown = (text: string, { directory }: Cloud): string =>
  text
    .replaceAll(directory, 'CLOUD')
    .replaceAll(projectRoot, 'PROJECT')
    .replaceAll(new RegExp(`${tmpdir()}/haven-home-[^/\\s]+`, 'g'), 'HOME')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .trimEnd();

const render = (table: FailureCase[], said: Map<string, string>): string =>
  table
    .map(
      ({ name, typed, code = 'failed' }) => `## ${name}\n$ haven ${typed}   (${code})\n${said.get(name)}\n`,
    )
    .join('\n');

/** What a golden file says, by the names of its cases. */
function parse(text: string): Map<string, string> {
  const parts = text.split(/^## /m).slice(1);
  return new Map(
    parts.map((part) => {
      const [name = '', _typed, ...lines] = part.trimEnd().split('\n');
      return [name, lines.join('\n')];
    }),
  );
}
