/**
 * Cookies as a browser keeps them, but more strictly: a host gets only the cookies that it set itself, whatever their
 * `Domain` says. So no service sees a cookie of the login, and none can set one for it.
 */
export class CookieJar {
  readonly #hosts = new Map<string, Map<string, string>>();

  /** Keeps what a host set, by its `Set-Cookie` headers. */
  keep(host: string, headers: string[]): void {
    const own = this.#hosts.get(host) ?? new Map<string, string>();
    this.#hosts.set(host, own);
    for (const header of headers) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(header) ?? [];
      if (!name || !isAllowed(name.trim(), header)) continue;
      if (/max-age=0|expires=thu, 01[ -]jan[ -]1970/i.test(header)) own.delete(name.trim());
      else own.set(name.trim(), value ?? '');
    }
  }

  /** The `Cookie` header of a request to a host. */
  headerFor(host: string): string {
    return [...(this.#hosts.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

/** Browsers refuse a cookie whose attributes break what its name promises (RFC 6265bis §4.1.3). */
function isAllowed(name: string, header: string): boolean {
  const attributes = header
    .split(';')
    .slice(1)
    .map((each) => each.trim().toLowerCase());
  const isSecure = attributes.includes('secure');
  if (/^__secure-/i.test(name)) return isSecure;
  if (!/^__host-/i.test(name)) return true;
  const isOfDomain = attributes.some((each) => /^domain=./.test(each));
  return isSecure && !isOfDomain && attributes.includes('path=/');
}
