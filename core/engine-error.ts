import type { Problem } from './problem.ts';
import { remedyOf } from './remedies.ts';

/**
 * What the engine and its plugins say is wrong, in the house's form. Their texts are for those who wrote them: addresses
 * of APIs, names of resources in the engine's own form, errors of Go's. Each becomes who it is about, what is wrong, and
 * what to do; the same cause at several resources becomes one problem.
 */
export function engineProblems(errors: string[], companies: Company[]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const each of errors) {
    const problem = engineProblem(each, companies);
    problems.set(`${problem.where} ${problem.what}`, problem);
  }
  return [...problems.values()];
}

/** A company whose API the engine's plugins call. */
export interface Company {
  name: string;
  /** Of its API: `api.hetzner.cloud`. */
  host: string;
  /** The name of its token in secrets.age. */
  secret: string;
}

function engineProblem(text: string, companies: Company[]): Problem {
  return (
    ofCall(text, companies) ??
    ofRefusal(text) ??
    ofEngine(text) ?? { where: 'haven', what: plain(text), remedy: '' }
  );
}

/** A call that failed, as Go's net/http says it: `Get "https://…": dial tcp: lookup api.hetzner.cloud: no such host`. */
function ofCall(text: string, companies: Company[]): Problem | undefined {
  const found = /\b(?:get|post|put|patch|delete|head) "?https?:\/\/([^/"\s:]+)[^"\s]*"?: ([\s\S]*)$/i.exec(
    text,
  );
  if (!found) return undefined;
  const [, host = '', said = ''] = found;
  const company = companies.find((each) => each.host === host);
  const where = company?.name ?? host;
  const status = /^(\d{3}) [A-Z]/.exec(said)?.[1];
  if (status !== undefined) return ofStatus(where, company?.secret, status, said);
  const fault = goFaults.find(([pattern]) => pattern.test(said))?.[1];
  if (fault === undefined) return undefined;
  return {
    where,
    what: `can't be reached: ${fault(host)}.`,
    remedy: 'Check your connection, then run the command again.',
  };
}

/** Texts of Go's packages net, crypto/x509 and context. */
const goFaults: [RegExp, (host: string) => string][] = [
  [/no such host/, (host) => `no name server knows ${host}`],
  [/server misbehaving|lookup .*(i\/o timeout|connection refused)/, () => 'no name server answers'],
  [/x509:|tls:/, (host) => `the certificate of ${host} can't be trusted`],
  [/connection refused/, (host) => `${host} refuses the connection`],
  [/network is unreachable/, () => 'this computer has no network'],
  [/no route to host/, (host) => `there is no route to ${host}`],
  [/EOF|connection reset|broken pipe/, (host) => `${host} ended the connection`],
  [/timeout|deadline exceeded/i, (host) => `${host} does not answer`],
];

/** A status and the answer's body, as Cloudflare's client for Go says it. */
function ofStatus(where: string, token: string | undefined, status: string, said: string): Problem {
  const messages = [...said.matchAll(/"message":\s*"((?:[^"\\]|\\.)*)"/g)].map(([, message = '']) => message);
  // The front of an API, on this computer, did not reach it (components/cloudflare/serve-records.ts).
  const unreached = messages.find((each) => /^can't be (reached|trusted)/.test(each));
  if (status === '502' && unreached !== undefined)
    return { where, what: unreached, remedy: 'Check your connection, then run the command again.' };
  if (['401', '403'].includes(status) && token !== undefined)
    return {
      where,
      what: `does not let this token do that (${status}).`,
      remedy: `Create a new one, then run: haven secret set ${token}`,
    };
  const why = messages.length > 0 ? `: ${messages.join(', ')}` : '';
  const remedy = Number(status) >= 500 || status === '429' ? 'Wait a few minutes, then run: haven up' : '';
  return { where, what: ended(`answers ${status}${why}`), remedy };
}

/** `server limit exceeded (resource_limit_exceeded, 1a2b)`, as Hetzner's client for Go says it. */
function ofRefusal(text: string): Problem | undefined {
  const found = /([^\n]*?)\s*\(([a-z]+(?:_[a-z]+)*)(?:, ?[0-9a-f-]+)?\)/.exec(text);
  if (!found) return undefined;
  const [, said = '', code] = found;
  const remedy = remedyOf(code, said);
  return remedy === '' ? undefined : { where: 'Hetzner', what: ended(plain(said)), remedy };
}

/** The engine itself ended, and says little. */
function ofEngine(text: string): Problem | undefined {
  if (/Duplicate resource URN/.test(text)) {
    const name = /::([^:'"]+)['"]/.exec(text)?.[1] ?? 'one of them';
    return {
      where: 'haven.yaml',
      what: `two parts of this cloud have the same name (${name}).`,
      remedy: 'Choose another subdomain for one of them.',
    };
  }
  if (!/Command failed with (exit code|signal)|^code: -?\d+/.test(text)) return undefined;
  const said = /stderr: ([\s\S]*?)\n?(?:err\?: |Command failed)/.exec(text)?.[1] ?? '';
  const why = plain(said).replace(/^error: /, '');
  return {
    where: 'haven',
    what: `the Pulumi engine ended before it was done${why && why !== '.' ? `: ${why}` : '.'}`,
    remedy: 'Run the command again. If the state in .haven is damaged, run: haven state use server',
  };
}

/** Without addresses of APIs, names in the engine's form, and what its plugins put around a sentence. */
function plain(text: string): string {
  return ended(
    text
      .replaceAll(/urn:pulumi:[^\s'"]*::([^\s:'"]+)/g, '$1')
      .replaceAll(/urn:ietf:params:acme:error:(\w+)/g, '$1')
      .replaceAll(/https?:\/\/((?:api|acme)[-.][^\s/"']+)[^\s"']*/g, '$1')
      .replaceAll(/^\s*\d+ errors? occurred:\s*/gm, '')
      .replaceAll(/^\s*\* /gm, '')
      .replaceAll(/\bsdk-v2\/\S+ sdk\.helper_schema: /g, '')
      .replaceAll(/: provider=\S+/g, '')
      .trim(),
  );
}

const ended = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
