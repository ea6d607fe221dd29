import { z } from 'zod';
import type { ApiAnswer, ApiRequest } from '../../http-api.ts';
import { assertNameIsFree, byId, type Project } from '../project/project.ts';
import type { HetznerState, Thing } from '../project/state.ts';
import { ok } from '../protocol/answers.ts';
import { labels, parseBody } from '../protocol/body.ts';
import { ApiError } from '../protocol/errors.ts';
import { answerPage, filterList } from '../protocol/listing.ts';

/** A thing that may be protected from deletion. */
type Protectable = Thing & { protection?: { delete: boolean } };

/**
 * A kind of thing that a project holds. `GET /servers`, `POST /servers`, `GET`, `PUT` and `DELETE /servers/1` and
 * `POST /servers/1/actions/reset` are answered by what is here, in the same way for every kind.
 */
export interface Resource<T extends Protectable> {
  /** `server`, where the path says `servers`. */
  singular: string;
  all(state: HetznerState): T[];
  create(project: Project, body: unknown): ApiAnswer;
  /** Changes a thing as a PUT says. */
  update(project: Project, thing: T, body: unknown): void;
  delete(project: Project, thing: T): ApiAnswer | Promise<ApiAnswer>;
  /** A thing as the API shows it. */
  show(project: Project, thing: T): unknown;
  actions: Record<string, (project: Project, thing: T, body: unknown) => ApiAnswer>;
}

type Request = Pick<ApiRequest, 'method' | 'query' | 'body'>;

/** Answers requests whose path starts with a kind of thing, by the segments after it. Undefined where the kind has no such path. */
export type Answerer = (
  project: Project,
  request: Request,
  segments: (string | undefined)[],
) => ApiAnswer | Promise<ApiAnswer> | undefined;

export function answererOf<T extends Protectable>(plural: string, resource: Resource<T>): Answerer {
  return (project, request, [id, ...rest]) =>
    id
      ? answerThing(plural, resource, project, request, id, rest)
      : answerList(plural, resource, project, request);
}

function answerList<T extends Protectable>(
  plural: string,
  resource: Resource<T>,
  project: Project,
  { method, query, body }: Request,
): ApiAnswer | undefined {
  if (method === 'POST') return resource.create(project, body);
  if (method !== 'GET') return undefined;
  const found = filterList(resource.all(project.state), query);
  return answerPage(
    plural,
    found.map((each) => resource.show(project, each)),
    query,
  );
}

function answerThing<T extends Protectable>(
  plural: string,
  resource: Resource<T>,
  project: Project,
  { method, body }: Request,
  id: string,
  [actions, command]: (string | undefined)[],
): ApiAnswer | Promise<ApiAnswer> | undefined {
  if (actions && (actions !== 'actions' || method !== 'POST')) return undefined;
  const thing = byId(resource.all(project.state), resource.singular, Number(id));
  if (actions) {
    if (!command) return undefined;
    const action = Object.hasOwn(resource.actions, command) ? resource.actions[command] : undefined;
    if (!action) throw new ApiError(404, 'not_found', `the sandbox has no action "${command}" for ${plural}`);
    return action(project, thing, body);
  }
  switch (method) {
    case 'GET':
      return ok({ [resource.singular]: resource.show(project, thing) });
    case 'PUT':
      resource.update(project, thing, body);
      return ok({ [resource.singular]: resource.show(project, thing) });
    case 'DELETE':
      if (thing.protection?.delete)
        throw new ApiError(423, 'protected', `${resource.singular} is protected from deletion`);
      return resource.delete(project, thing);
    default:
      return undefined;
  }
}

const nameAndLabels = z.strictObject({ name: z.string().min(1).optional(), labels });

/** The PUT of a kind that can change its name and its labels only. */
export function updateNameAndLabels<T extends Thing>(
  all: T[],
  singular: string,
  thing: T,
  body: unknown,
): void {
  const wish = parseBody(nameAndLabels, body);
  if (wish.name !== undefined) {
    assertNameIsFree(all, singular, wish.name, thing);
    thing.name = wish.name;
  }
  if (wish.labels !== undefined) thing.labels = wish.labels;
}
