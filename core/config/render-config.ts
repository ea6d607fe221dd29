import { parse } from 'yaml';
import { type DnsProviderFacts, describeProviders } from '../dns/provider-facts.ts';

/** What `haven init` asks for. */
export interface InitAnswers {
  id: string;
  domain: string;
  /** Id of its DNS provider. */
  dns: string;
  /** The zone that the domain is in, if it is not the domain itself. */
  zone?: string;
  owner: { name: string; email: string };
  timeZone: string;
  type: string;
  location: string;
  diskGb: number;
  services: string[];
}

/** A haven.yaml with a comment for each section. */
export function renderConfig(answers: InitAnswers, dnsProviders: DnsProviderFacts[]): string {
  // Some words mean something else in YAML: null, true, 1e3.
  const quoted = (text: string) =>
    /^[A-Za-z0-9][A-Za-z0-9 ._/@-]*$/.test(text) && parse(text) === text ? text : JSON.stringify(text);
  return `# yaml-language-server: $schema=./haven.schema.json
# Your cloud. After a change, run "haven plan" to see what would happen, and "haven up" to apply it.
version: 1

# Unique name of this cloud; everything it creates is labelled with it. Do not change it.
id: ${answers.id}

# Your domains, the main one first, and where their DNS is managed. ${describeProviders(dnsProviders, '"')}
domains:
  - name: ${answers.domain}
    dns: ${answers.dns}${answers.zone === undefined ? '' : `\n    zone: ${answers.zone}`}

# You. The certificate authority and alarms write to this address, so use one outside this cloud.
owner:
  name: ${quoted(answers.owner.name)}
  email: ${quoted(answers.owner.email)}
timeZone: ${answers.timeZone}

# The server, and the volume that holds all data. A volume can grow later, but never shrink.
server:
  provider: hetzner
  type: ${answers.type}
  location: ${answers.location}
  diskGb: ${answers.diskGb}

# Backups, encrypted: where they go, each night and before each change. docs/owners/backups.md says how to set them up.
# backups:
#   s3:
#     endpoint: https://fsn1.your-objectstorage.com
#     bucket: NAME-OF-YOUR-BUCKET

# The services to run. Each accepts subdomain, domain, access and options; editors that read the schema suggest them.
services:
${answers.services.map((id) => `  ${id}: {}\n`).join('')}`;
}
