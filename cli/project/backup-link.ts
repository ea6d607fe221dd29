import { ProblemsError } from '../../core/problem.ts';
import { Project } from './project.ts';

/** The project, for a command about backups; says how to set them up where there are none. */
export async function openWithBackups(command: string): Promise<Project> {
  const project = await Project.open();
  if (project.plan().backups) return project;
  throw new ProblemsError([
    {
      where: `haven ${command}`,
      what: 'this cloud makes no backups.',
      remedy: 'Add "backups" to haven.yaml (docs/owners/backups.md), then run: haven up',
    },
  ]);
}
