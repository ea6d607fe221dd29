/** An answer that refuses a request. */
export class CloudflareError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A request to the API that CLOUDFLARE_BASE_URL names, as the official plugin sends it; answers with its result. */
export async function api<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  const base = process.env.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4/';
  const url = base.replace(/\/?$/, '/') + path;
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${process.env.CLOUDFLARE_API_TOKEN}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const envelope = (await response.json()) as { errors?: unknown; result: Result };
  if (response.ok) return envelope.result;
  const said = JSON.stringify(envelope.errors ?? envelope);
  throw new CloudflareError(response.status, `${method} "${url}": ${response.status} ${said}`);
}
