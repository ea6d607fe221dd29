import { reverseProxy } from '../../core/config/dependencies.ts';
import { nearest, ProblemsError } from '../../core/problem.ts';
import type { Catalogue, ServiceDefinition } from '../../core/service.ts';

/** The service of the catalogue that was named on the command line; says which there are otherwise. */
export function catalogueService(
  catalogue: Catalogue,
  name: string | undefined,
  command: string,
): ServiceDefinition {
  const known = [...catalogue.keys()].filter((each) => each !== reverseProxy);
  const found = name !== undefined && known.includes(name) ? catalogue.get(name)?.definition : undefined;
  if (found) return found;
  const near = name === undefined ? undefined : nearest(name, known);
  throw new ProblemsError([
    {
      where: `haven ${command}`,
      what: name === undefined ? 'which service?' : `there is no service "${name}" in the catalogue.`,
      remedy: near ? `Did you mean "${near}"?` : `There are: ${known.join(', ')}.`,
    },
  ]);
}
