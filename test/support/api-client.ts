/** What an API answered, its body as the caller says it is. */
export interface Answer<Body> {
  status: number;
  body: Body;
}

/** Asks an emulator that is listening, as any client would: `POST`, `/servers`, a body that becomes JSON. */
export async function askApi<Body = unknown>(
  { url, token }: { url: string; token: string },
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<Body>> {
  const response = await fetch(url.replace(/\/$/, '') + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
}
