import { chosenServices } from '../../core/config/dependencies.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';

/** The service that was named on the command line, if this cloud has it; says which there are otherwise. */
export function chosenService(project: Project, name: string | undefined, command: string): string {
  const known = chosenServices(project.config, project.catalogue);
  if (name !== undefined && known.includes(name)) return name;
  throw new ProblemsError([
    {
      where: `haven ${command}`,
      what: name === undefined ? 'which service?' : `there is no service "${name}" here.`,
      remedy: `There are: ${known.join(', ')}.`,
    },
  ]);
}
