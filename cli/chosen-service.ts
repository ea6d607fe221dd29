import { frontDoor } from '../core/plan.ts';
import { ProblemsError } from '../core/problem.ts';
import type { Project } from './project.ts';

/** The service that was named on the command line, if this cloud has it; says which there are otherwise. */
export function chosenService(project: Project, name: string | undefined, command: string): string {
  const known = [frontDoor, ...Object.keys(project.config.services)];
  if (name !== undefined && known.includes(name)) return name;
  throw new ProblemsError([
    {
      where: `haven ${command}`,
      what: name === undefined ? 'which service?' : `there is no service "${name}" here.`,
      remedy: `There are: ${known.join(', ')}.`,
    },
  ]);
}
