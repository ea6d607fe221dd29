/** What is known of a DNS provider without asking it: what haven.yaml, its schema, the docs and the wizard say of it. */
export interface DnsProviderFacts {
  /** What haven.yaml calls it; also the name of its file. */
  id: string;
  /** The wizard's choice, such as "Cloudflare: haven writes the records". */
  title: string;
  /** What naming it does, in a clause: "haven writes the records". */
  description: string;
  /** What it asks for; nothing where we neither read nor write. */
  token?: ProviderToken;
}

export interface ProviderToken {
  /** What it is called in a sentence: "a Cloudflare API token". */
  name: string;
  /** The environment variable that holds it. */
  variable: string;
  /** Its name in secrets.age. */
  secret: string;
  /** How the wizard asks for it, with the permissions that it must have. */
  prompt: string;
  /** What it looks like, so that one in haven.yaml is noticed. */
  looksLike(text: string): boolean;
}

/** What may be chosen: "`cloudflare`: haven writes the records. `manual`: ...". */
export const describeProviders = (providers: DnsProviderFacts[], quote: string): string =>
  providers.map(({ id, description }) => `${quote}${id}${quote}: ${description}.`).join(' ');
