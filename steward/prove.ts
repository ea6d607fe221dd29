import { request } from 'node:http';
import type { HttpProof, Release } from '../core/release.ts';
import { tryRun } from '../system/run.ts';
import { proveUid } from './gate.ts';

/** Asks every proof of a release, as the only user whom the trial lets through. Throws with what was answered. */
export async function proveRelease(release: Release, steward: string[]): Promise<void> {
  for (const proof of release.proofs) {
    const [command, ...args] = steward;
    const result = await tryRun(command!, [...args, 'prove-http'], {
      input: JSON.stringify(proof),
      uid: proveUid,
      gid: proveUid,
      cwd: '/',
      timeoutMs: 30_000,
      env: { PATH: process.env.PATH },
    });
    if (result.code !== 0) {
      const where = `http://127.0.0.1:${proof.port}${proof.path}`;
      throw new Error(
        `${where} should answer ${proof.status}: ${result.stderr.trim() || result.stdout.trim()}`,
      );
    }
  }
}

/** One proof, asked by this process. Tries for ten seconds: a program may be healthy a moment before it listens. */
export async function askHttpProof(proof: HttpProof): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      const status = await statusOf(proof);
      if (status === proof.status) return;
      throw new Error(`it answers ${status}`);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function statusOf(proof: HttpProof): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = proof.host ? { host: proof.host } : {};
    const asked = request(
      { host: '127.0.0.1', port: proof.port, path: proof.path, headers, timeout: 5000 },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer within 5 s')));
    asked.on('error', reject);
    asked.end();
  });
}
