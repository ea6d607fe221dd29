import { join } from 'node:path';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import type { Pins } from '../../core/config/pins.ts';
import { buildPlan, type Plan } from '../../core/plan/plan.ts';
import type { Bundle } from '../../core/release/release.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imagesOf } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';
import { exampleConfig } from './example-plan.ts';

/** The services, and those of the tests: `postbox` provides mail. */
export const mailCatalogue = await loadCatalogue([
  join(projectRoot, 'services'),
  join(projectRoot, 'test', 'services'),
]);

/** The public half of a key that signs mail; nothing has its private half. */
export const samplePublicKey =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA134X5rSQu9hARM/fSs8DRfeS5yQvK+143ZKD2zJTh44M8KaI/EchKWMnQUxhFodFoxQxZZAKZ3BKrzdH6RYk3EaoaY2zpFHZgOTuzq65F1dikNtIlbFWQ5JW3J9JUhE+2zoqswscMBWR5EseVc65kFB0PCpdZCBInPQndE76nVzQnWk2bGnxtYFey4XsJ5x9U2J4RUrJE4Sh2IHsx92dk5vt10BeoDqcl+2TcoyVPi8G/PZz56pbOUXMcw42gplBBDa6RvSv8Ww/C8CEeqiHYeAbD521XO1cWW13jGv71U+fDpeqS+INEVxsh/E5/e3c16MlhrJ5/Mg0+PAqldOJhwIDAQAB';

const images = Object.fromEntries(
  [...mailCatalogue].map(([id, { definition }]) => [
    id,
    Object.fromEntries(Object.keys(imagesOf(definition)).map((name) => [name, `${id}/${name}`])),
  ]),
);

interface MailCloud {
  /** As in haven.yaml, in place of the example's. */
  domains?: { name: string; dns: string; zone?: string; dnssec?: boolean }[];
  /** `undefined` takes one of them out. */
  services?: Record<string, object | undefined>;
  server?: object;
  sending?: object;
  alarms?: object;
  /** The option `domains` of the service that provides mail. */
  receives?: string[];
  pins?: Partial<Pins>;
  /** Releases that a rollback holds. */
  held?: Record<string, Bundle>;
}

/** The plan of haven.example.yaml with mail besides its website. Throws what is wrong with it as a haven.yaml. */
export function planMailCloud({
  domains,
  services = {},
  receives,
  pins = {},
  held,
  ...more
}: MailCloud = {}): Plan {
  const yaml = {
    ...exampleConfig,
    ...(domains ? { domains } : {}),
    ...more,
    services: {
      website: {},
      postbox: receives ? { options: { domains: receives } } : {},
      ...services,
    },
  };
  const config = loadConfig(JSON.stringify(yaml), mailCatalogue, dnsProviderFacts);
  return buildPlan(config, mailCatalogue, { version: 2, images, newSelector: '2026a', ...pins }, held);
}
