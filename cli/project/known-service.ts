import { chosenService } from './chosen-service.ts';
import type { Project } from './project.ts';

/** The service that was named on the command line: of this cloud, or one that was removed and still has a history. */
export const knownService = (project: Project, typed: string, command: string): string =>
  project.catalogue.has(typed) ? typed : chosenService(project, typed, command);
