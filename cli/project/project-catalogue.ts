import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { ProblemsError, renderProblem } from '../../core/problem.ts';
import type { Catalogue } from '../../core/service.ts';
import type { ServiceFault } from '../../core/service-fault.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { projectRoot } from '../../system/project-root.ts';
import { terminal } from '../output/terminal.ts';

/**
 * Our services, the owner's own, and (in tests) more folders named in HAVEN_SERVICES. A service with a fault in its files is
 * left out, with a word about it, unless the cloud of this haven.yaml runs it.
 */
export async function loadProjectCatalogue(directory: string, yaml = ''): Promise<Catalogue> {
  const more = (process.env.HAVEN_SERVICES ?? '').split(':').filter(Boolean);
  const faults: ServiceFault[] = [];
  const folders = [join(projectRoot, 'services'), join(directory, 'services'), ...more];
  const catalogue = await loadCatalogue(folders, (fault) => faults.push(fault));
  const document = faults.length > 0 ? parseDocument(yaml) : undefined;
  const ours = faults.filter(({ service }) => document?.hasIn(['services', service]));
  if (ours.length > 0) throw new ProblemsError(ours.map(({ problem }) => problem));
  for (const { service, problem } of faults)
    terminal.tell(`  ${renderProblem(problem)} Until then haven goes on without ${service}.\n`);
  return catalogue;
}
