import { suggestService } from '../../core/config/suggest-service.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Catalogue, ServiceDefinition } from '../../core/service.ts';

/** The service of the catalogue that was named on the command line; says which there are otherwise. */
export function catalogueService(catalogue: Catalogue, name: string, command: string): ServiceDefinition {
  const found = catalogue.get(name)?.definition;
  if (found) return found;
  throw new ProblemsError(
    [
      {
        where: `haven ${command}`,
        what: `there is no service "${name}" in the catalogue.`,
        remedy: suggestService(name, catalogue),
      },
    ],
    'usage',
  );
}
