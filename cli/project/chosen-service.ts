import { chosenServices } from '../../core/config/dependencies.ts';
import { nearest, ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';

/** The service that was named on the command line, if this cloud has it; says which there are otherwise. */
export function chosenService(project: Project, name: string, command: string): string {
  const known = chosenServices(project.config, project.catalogue);
  if (known.includes(name)) return name;
  const near = nearest(name, known);
  throw new ProblemsError(
    [
      {
        where: `haven ${command}`,
        what: `this cloud has no service "${name}".`,
        remedy: `${near ? `Did you mean "${near}"? ` : ''}There are: ${known.join(', ')}.`,
      },
    ],
    'usage',
  );
}
