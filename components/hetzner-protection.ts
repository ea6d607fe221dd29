/** Lifts the protection of what carries this haven's label, so that it can be deleted. Only `destroy --with-data` does. */
export async function liftProtection(havenId: string, env: Record<string, string>): Promise<void> {
  const base = (env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, '');
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${env.HCLOUD_TOKEN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok)
      throw new Error(`Hetzner answers ${answer.status} to ${method} ${path}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  for (const kind of ['volumes', 'primary_ips']) {
    const found = (
      await call('GET', `/${kind}?label_selector=${encodeURIComponent(`haven==${havenId}`)}&per_page=50`)
    )[kind] as { id: number; protection: { delete: boolean } }[];
    for (const each of found.filter(({ protection }) => protection.delete)) {
      await call('POST', `/${kind}/${each.id}/actions/change_protection`, { delete: false });
    }
  }
}
