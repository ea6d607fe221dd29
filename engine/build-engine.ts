import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { go } from '../system/go.ts';
import { writeEngineSource } from './engine-source.ts';

/** Builds the engine from its Go modules, and puts the program at `to`. */
export async function buildEngine(to: string, version: string): Promise<void> {
  const work = join(dirname(to), 'source');
  mkdirSync(work, { recursive: true });
  await writeEngineSource(work);
  const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
  const program = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi';
  await go(['build', '-ldflags', flags, '-o', to, program], { cwd: work });
  rmSync(work, { recursive: true, force: true });
}
