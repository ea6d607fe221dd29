import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { buildPlan } from '../../core/plan/plan.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imagesOf } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';

export const exampleCatalogue = await loadCatalogue();

/** haven.example.yaml. */
export const exampleConfig = loadConfig(
  readFileSync(join(projectRoot, 'haven.example.yaml'), 'utf8'),
  exampleCatalogue,
  dnsProviderFacts,
);

/** A short name for each image of the catalogue, such as `gitea/gitea`. */
export const exampleImages = Object.fromEntries(
  [...exampleCatalogue].map(([id, { definition }]) => [
    id,
    Object.fromEntries(Object.keys(imagesOf(definition)).map((name) => [name, `${id}/${name}`])),
  ]),
);

/** The plan of haven.example.yaml. */
export const examplePlan = buildPlan(exampleConfig, exampleCatalogue, { version: 2, images: exampleImages });
