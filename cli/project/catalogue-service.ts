import { isImplied } from '../../core/config/dependencies.ts';
import { nearest, ProblemsError } from '../../core/problem.ts';
import type { Catalogue, ServiceDefinition } from '../../core/service.ts';

/** The service of the catalogue that was named on the command line; says which there are otherwise. */
export function catalogueService(catalogue: Catalogue, name: string, command: string): ServiceDefinition {
  const found = catalogue.get(name)?.definition;
  if (found) return found;
  const all = [...catalogue.values()].map(({ definition }) => definition);
  const choices = all.filter((each) => !isImplied(each)).map(({ id }) => id);
  // What comes along with others is meant only where its name was typed.
  const near = nearest(name, choices);
  throw new ProblemsError(
    [
      {
        where: `haven ${command}`,
        what: `there is no service "${name}" in the catalogue.`,
        remedy: near ? `Did you mean "${near}"?` : `There are: ${choices.join(', ')}.`,
      },
    ],
    'usage',
  );
}
