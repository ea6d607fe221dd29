import { chosenServices } from '../../core/config/dependencies.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';

/** The service of this cloud that provides mail. Says what to do where there is none. */
export function mailService({ config, catalogue }: Project): string {
  const id = chosenServices(config, catalogue).find(
    (each) => catalogue.get(each)!.definition.provides === 'mail',
  );
  if (id === undefined) throw noMailService();
  return id;
}

export const noMailService = (): ProblemsError =>
  new ProblemsError([
    {
      where: 'haven.yaml',
      what: 'has no service for mail.',
      remedy: 'To see which services there are, run: haven service list',
    },
  ]);
