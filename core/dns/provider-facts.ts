/** What is known of a DNS provider without asking it, for haven.yaml, its schema, the docs and the wizard. */
export interface DnsProviderFacts {
  /** Its name in haven.yaml; also the name of its file. */
  id: string;
  /** The wizard's choice, such as "Cloudflare: haven writes the records". */
  title: string;
  /** What choosing it does, as a clause: "haven writes the records". */
  description: string;
  /** The token it requires; left out for providers that we neither read nor write. */
  token?: ProviderToken;
}

export interface ProviderToken {
  /** The company that issues it. */
  issuer: string;
  /** Where its API is, as a host name: errors that name it are about this company. */
  host: string;
  /** Its name in a sentence: "a Cloudflare API token". */
  name: string;
  /** The environment variable that holds it. */
  variable: string;
  /** Its name in secrets.age. */
  secret: string;
  /** The wizard's question, with the required permissions. */
  prompt: string;
  /** Where to create one, with the required permissions, as a sentence. */
  howToCreate: string;
  /** Recognizes such a token, so that one in haven.yaml is noticed. */
  looksLike(text: string): boolean;
}

/** The choices: "`cloudflare`: haven writes the records. `manual`: ...". */
export const describeProviders = (providers: DnsProviderFacts[], quote: string): string =>
  providers.map(({ id, description }) => `${quote}${id}${quote}: ${description}.`).join(' ');
