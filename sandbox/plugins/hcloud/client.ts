import type { Properties } from '../../../components/provider/serve.ts';

/** An answer that refuses a request; `code` is the API's. */
class HcloudError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${message} (${code})`);
    this.code = code;
  }
}

/** Something that takes time, until its status is no longer `running`. */
export interface Action {
  id: number;
  status: string;
  error: { code: string; message: string } | null;
}

/** A request to the API that HCLOUD_ENDPOINT names, as the official plugin sends it. */
export async function api<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const endpoint = (process.env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, '');
  for (let tries = 0; ; tries++) {
    const response = await fetch(endpoint + path, {
      method,
      headers: { authorization: `Bearer ${process.env.HCLOUD_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value = text ? JSON.parse(text) : {};
    if (response.ok) return value;
    const { code, message } = (value as { error: { code: string; message: string } }).error;
    // The official client tries these again, five times, waiting twice as long each time.
    if (!['conflict', 'rate_limit_exceeded'].includes(code) || tries === 5)
      throw new HcloudError(code, message);
    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries));
  }
}

/** One thing by its id; undefined if it no longer exists. */
export async function get<Thing>(kind: string, id: string): Promise<Thing | undefined> {
  return unlessGone(async () => (await api<Record<string, Thing>>('GET', `/${kind}s/${id}`))[kind]);
}

/** Deletes something. It is fine if it no longer exists. */
export const deleted = (work: () => Promise<unknown>): Promise<unknown> => unlessGone(work);

async function unlessGone<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HcloudError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** A request that starts an action; waits until it ends. */
export async function act(method: string, path: string, body?: unknown): Promise<void> {
  await settle((await api<{ action: Action }>(method, path, body)).action);
}

/** Waits until actions end, and fails with the first that fails. */
export async function settle(...actions: (Action | null | undefined)[]): Promise<void> {
  for (const action of actions) {
    if (!action) continue;
    let now = action;
    for (let pause = 100; now.status === 'running'; pause = Math.min(pause * 1.5, 1000)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const path = `/actions?id=${action.id}&page=1&sort=status&sort=id`;
      const { actions: found } = await api<{ actions: Action[] }>('GET', path);
      now = found[0] ?? now;
    }
    if (now.status === 'error') throw new Error(`${now.error?.message} (${now.error?.code}, ${now.id})`);
  }
}

export const labelsOf = (inputs: Properties): Record<string, string> =>
  (inputs.labels ?? {}) as Record<string, string>;

/** Protects a thing from deletion, or no longer, where that differs from before. */
export async function protect(
  kind: string,
  id: string,
  inputs: Properties,
  old: Properties = {},
): Promise<void> {
  const wanted = Boolean(inputs.deleteProtection);
  if (wanted === Boolean(old.deleteProtection)) return;
  const rebuild = kind === 'server' ? { rebuild: Boolean(inputs.rebuildProtection) } : {};
  await act('POST', `/${kind}s/${id}/actions/change_protection`, { delete: wanted, ...rebuild });
}

/** Changes name and labels, which every kind has. */
export async function changeNameAndLabels(kind: string, id: string, inputs: Properties): Promise<void> {
  await api('PUT', `/${kind}s/${id}`, { name: inputs.name, labels: labelsOf(inputs) });
}
