import { tokenRealm, tokenService } from './names.ts';

/**
 * Docker Hub lets nobody read without a token, which it gives to everyone: a client is refused, asks the realm that the
 * refusal names, and comes back (CNCF Distribution, "Token Authentication Specification"). Ours holds its scope in the
 * open, because it protects nothing.
 */
const scopeOf = (repository: string): string => `repository:${repository}:pull`;

/** The header of a refusal: where a token is to be had, and for what. */
export function challenge(repository?: string): string {
  const scope = repository ? `,scope="${scopeOf(repository)}"` : '';
  return `Bearer realm="${tokenRealm}",service="${tokenService}"${scope}`;
}

export const issueToken = (scope: string): string => Buffer.from(scope).toString('base64url');

/** Whether this request may read: any token will do to ask for the version, a repository needs one of its own. */
export function isAllowed(authorization: string | undefined, repository?: string): boolean {
  const [, token] = /^Bearer ([\w-]*)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) return false;
  const scopes = Buffer.from(token, 'base64url').toString().split(' ');
  return repository === undefined || scopes.includes(scopeOf(repository));
}
