import type { ApiAnswer } from '../../http-api.ts';
import { byId } from '../project/project.ts';
import { ok } from '../protocol/answers.ts';
import { answerPage } from '../protocol/listing.ts';
import type { Answerer } from './resource.ts';

/** `/actions`: what takes time. Clients poll here until an action ends. */
export const answerActions: Answerer = ({ state }, { method, query }, [id]): ApiAnswer | undefined => {
  if (method !== 'GET') return undefined;
  if (id) return ok({ action: byId(state.actions, 'action', Number(id)) });
  const wanted = query.getAll('id').map(Number);
  const list = state.actions.filter((each) => wanted.length === 0 || wanted.includes(each.id));
  return answerPage('actions', list, query);
};
