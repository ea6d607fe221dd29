import { z } from 'zod';
import type { ApiAnswer } from '../../http-api.ts';
import { beginAction } from '../project/begin-action.ts';
import type { Project } from '../project/project.ts';
import { created } from '../protocol/answers.ts';
import { parseBody } from '../protocol/body.ts';
import { invalid } from '../protocol/errors.ts';

const deletion = z.strictObject({ delete: z.boolean().optional() });
const deletionAndRebuild = z.strictObject({
  delete: z.boolean().optional(),
  rebuild: z.boolean().optional(),
});

/** `change_protection` of a volume or an address: protects it from deletion, or no longer. */
export function changeProtection(
  project: Project,
  type: string,
  thing: { id: number; protection: { delete: boolean } },
  body: unknown,
): ApiAnswer {
  thing.protection.delete = parseBody(deletion, body).delete ?? false;
  return created({ action: beginAction(project, 'change_protection', [{ id: thing.id, type }]) });
}

/** `change_protection` of a server, whose deletion and rebuild are protected together or not at all. */
export function changeServerProtection(
  project: Project,
  server: { id: number; protection: { delete: boolean; rebuild: boolean } },
  body: unknown,
): ApiAnswer {
  const wish = parseBody(deletionAndRebuild, body);
  if (wish.delete !== wish.rebuild) throw invalid('rebuild', 'must equal delete');
  Object.assign(server.protection, wish);
  const resources = [{ id: server.id, type: 'server' }];
  return created({ action: beginAction(project, 'change_protection', resources) });
}
