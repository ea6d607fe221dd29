import { chosenServices, dependenciesOf } from '../../core/config/dependencies.ts';
import type { Project } from './project.ts';

/** The services of this cloud that stop working without this one: those that need it, and those that need them. */
export function dependents({ config, catalogue }: Project, service: string): string[] {
  const running = chosenServices(config, catalogue);
  const found: string[] = [];
  const take = (id: string): void => {
    for (const each of running) {
      const { definition } = catalogue.get(each)!;
      if (found.includes(each) || !dependenciesOf(definition, catalogue, config.services[each]).includes(id))
        continue;
      found.push(each);
      take(each);
    }
  };
  take(service);
  return found.sort();
}
