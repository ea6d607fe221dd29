import { type DnsProviderFacts, describeProviders } from '../dns/provider-facts.ts';

/** What `haven init` asks for. */
export interface InitAnswers {
  id: string;
  domain: string;
  /** Id of its DNS provider. */
  dns: string;
  owner: { name: string; email: string };
  timeZone: string;
  type: string;
  location: string;
  diskGb: number;
  services: string[];
}

/** A haven.yaml that explains itself. */
export function renderConfig(answers: InitAnswers, dnsProviders: DnsProviderFacts[]): string {
  const quoted = (text: string) =>
    /^[A-Za-z0-9][A-Za-z0-9 ._/@-]*$/.test(text) && !/: |^\d/.test(text) ? text : JSON.stringify(text);
  return `# yaml-language-server: $schema=./haven.schema.json
# Your cloud. Change something here, then type: haven plan   and, if you like what it shows: haven up
version: 1

# Names this cloud in every label and path. Never change it.
id: ${answers.id}

# Your domains, the main one first. dns: ${describeProviders(dnsProviders, '"')}.
domains:
  - name: ${answers.domain}
    dns: ${answers.dns}

# Who runs it. The address is where the certificate authority reaches you; it should lie outside this cloud.
owner:
  name: ${quoted(answers.owner.name)}
  email: ${quoted(answers.owner.email)}
timeZone: ${answers.timeZone}

# The machine, and the volume that holds all data. A volume can grow, not shrink.
server:
  provider: hetzner
  type: ${answers.type}
  location: ${answers.location}
  diskGb: ${answers.diskGb}

# What runs. Each may have: subdomain, domain, options (your editor knows them, by the schema in the first line).
services:
${answers.services.map((id) => `  ${id}: {}\n`).join('')}`;
}
