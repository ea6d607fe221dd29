import type { HavenConfig } from '../../core/config/config-schema.ts';
import { isImplied } from '../../core/config/dependencies.ts';
import { addService, removeService } from '../../core/config/edit-services.ts';
import { editSetting } from '../../core/config/edit-setting.ts';
import type { Catalogue } from '../../core/service.ts';
import { terminal } from '../output/terminal.ts';
import { questions } from './questions.ts';

const choices = [
  { value: 'services', name: 'Services' },
  { value: 'type', name: 'Size of the server' },
  { value: 'disk', name: 'Size of the volume' },
  { value: 'domain', name: 'Domain' },
  { value: 'owner', name: 'Your name and email address' },
  { value: 'tokens', name: 'A token' },
  { value: 'nothing', name: 'Nothing' },
] as const;

/** A cloud whose haven.yaml can be changed. */
export interface EditableCloud {
  config: HavenConfig;
  catalogue: Catalogue;
  edit(change: (text: string) => string): void;
}

/** What was changed; a token is asked for by `haven secret set`. */
export type Changed = 'haven.yaml' | 'token' | 'nothing';

/** Asks an owner who has a cloud which answer of `haven init` to change, and writes the new one into haven.yaml. */
export async function changeAnswer(project: EditableCloud): Promise<Changed> {
  const { config, catalogue } = project;
  const domain = config.domains[0]!.name;
  const chosen = await terminal.select(`You have a cloud here, ${domain}. What do you want to change?`, [
    ...choices,
  ]);
  const set = (path: (string | number)[], value: string | number) =>
    project.edit((text) => editSetting(text, path, value));
  switch (chosen) {
    case 'services': {
      const wanted = await questions.services(catalogue, Object.keys(config.services));
      project.edit((text) => withServices(text, project, wanted));
      return 'haven.yaml';
    }
    case 'type':
      set(['server', 'type'], await questions.type(config.server.type));
      return 'haven.yaml';
    case 'disk':
      set(['server', 'diskGb'], await questions.disk(config.server.diskGb));
      return 'haven.yaml';
    case 'domain': {
      const name = await questions.domain();
      // Whether the new one is in a zone above it is only known at its DNS provider; a plan says so.
      project.edit((text) =>
        editSetting(editSetting(text, ['domains', 0, 'name'], name), ['domains', 0, 'zone']),
      );
      return 'haven.yaml';
    }
    case 'owner': {
      const name = await questions.name();
      const email = await questions.email(domain);
      project.edit((text) =>
        editSetting(editSetting(text, ['owner', 'name'], name), ['owner', 'email'], email),
      );
      return 'haven.yaml';
    }
    default:
      return chosen === 'tokens' ? 'token' : 'nothing';
  }
}

/** Only services that were offered are removed; settings of one that others bring along, such as the login, are kept. */
function withServices(text: string, { config, catalogue }: EditableCloud, wanted: string[]): string {
  const running = Object.keys(config.services);
  const removed = running.filter((id) => !wanted.includes(id) && !isImplied(catalogue.get(id)!.definition));
  const added = wanted.filter((id) => !running.includes(id));
  const without = removed.reduce((before, id) => removeService(before, id), text);
  return added.reduce((before, id) => addService(before, id, {}), without);
}
