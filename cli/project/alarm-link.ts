import { ProblemsError } from '../../core/problem.ts';
import { Project } from './project.ts';

/** This cloud, if haven.yaml says how to tell its owner. */
export async function openWithAlarms(command: string): Promise<Project> {
  const project = await Project.open();
  if (project.plan().alarms) return project;
  throw new ProblemsError([
    {
      where: `haven alarm ${command}`,
      what: 'this cloud has no way to send alarms.',
      remedy: 'Add "alarms" to haven.yaml (docs/owners/alarms.md), then run: haven up',
    },
  ]);
}
