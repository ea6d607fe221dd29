import type { ApiAnswer, ApiRequest } from '../http-api.ts';
import { refuseByFault } from './project/faults.ts';
import type { Project } from './project/project.ts';
import { ApiError, unknownPath } from './protocol/errors.ts';
import { answerActions } from './resources/actions.ts';
import { catalogueLists } from './resources/catalogue-lists.ts';
import { firewalls } from './resources/firewalls.ts';
import { primaryIps } from './resources/primary-ips.ts';
import { type Answerer, answererOf } from './resources/resource.ts';
import { servers } from './resources/servers.ts';
import { sshKeys } from './resources/ssh-keys.ts';
import { volumes } from './resources/volumes.ts';

/** Who answers, by the first part of a path. */
const answerers: Record<string, Answerer> = {
  servers: answererOf('servers', servers),
  volumes: answererOf('volumes', volumes),
  primary_ips: answererOf('primary_ips', primaryIps),
  firewalls: answererOf('firewalls', firewalls),
  ssh_keys: answererOf('ssh_keys', sshKeys),
  actions: answerActions,
  ...catalogueLists,
};

/** Answers a request to the Hetzner Cloud API (docs.hetzner.cloud) for one project. */
export async function answerHetzner(
  project: Project,
  token: string,
  request: ApiRequest,
): Promise<ApiAnswer> {
  try {
    return await route(project, token, request);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, code, message, details } = error;
    return { status, body: { error: { code, message, details } } };
  } finally {
    project.save();
  }
}

async function route(project: Project, token: string, request: ApiRequest): Promise<ApiAnswer> {
  if (request.token !== token) throw new ApiError(401, 'unauthorized', 'unable to authenticate');
  refuseByFault(project.state.faults, request.method);
  const path = request.path.replace(/^\/v1/, '');
  const [, kind = '', ...segments] = path.split('/');
  const answerer = Object.hasOwn(answerers, kind) ? answerers[kind] : undefined;
  const answer = await answerer?.(project, request, segments);
  if (!answer) throw unknownPath(request.method, path);
  return answer;
}
