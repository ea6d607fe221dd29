import type { RequestListener } from 'node:http';
import type { Domain } from './registrar.ts';

/** Where the registry of the sandbox's top-level domain answers about domains. */
export const rdapName = 'rdap.sandbox.test';
/** Where IANA says which registry answers for a top-level domain (RFC 9224): `/rdap/dns.json`. */
export const rdapBootstrapName = 'data.iana.org';

/** Answers HTTPS requests to both names. `domains` are those that are registered now, by name. */
export function rdapFront(topLevel: string, domains: () => Record<string, Domain>): RequestListener {
  return (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'https://rdap').pathname);
    const isBootstrap = request.headers.host === rdapBootstrapName;
    const { status, body } = isBootstrap ? answerBootstrap(path, topLevel) : answerRdap(path, domains());
    response.writeHead(status, {
      'content-type': isBootstrap ? 'application/json' : 'application/rdap+json',
    });
    response.end(JSON.stringify(body));
  };
}

interface RdapAnswer {
  status: number;
  body: object;
}

function answerBootstrap(path: string, topLevel: string): RdapAnswer {
  if (path !== '/rdap/dns.json') return notFound(path);
  const services = [[[topLevel], [`https://${rdapName}/`]]];
  const body = {
    version: '1.0',
    publication: '2026-01-01T00:00:00Z',
    description: 'RDAP bootstrap',
    services,
  };
  return { status: 200, body };
}

/** `/domain/NAME`, in the shape of RFC 9083 §5.3. */
export function answerRdap(path: string, domains: Record<string, Domain>): RdapAnswer {
  const [, name] = /^\/domain\/([^/]+?)\.?$/.exec(path.toLowerCase()) ?? [];
  const domain = name !== undefined && Object.hasOwn(domains, name) ? domains[name] : undefined;
  if (!domain) return notFound(path);
  const body = {
    rdapConformance: ['rdap_level_0'],
    objectClassName: 'domain',
    handle: `${name}-SANDBOX`,
    ldhName: name,
    links: [
      {
        value: `https://${rdapName}/domain/${name}`,
        rel: 'self',
        href: `https://${rdapName}/domain/${name}`,
        type: 'application/rdap+json',
      },
    ],
    status: ['active'],
    nameservers: domain.nameServers.map((each) => ({ objectClassName: 'nameserver', ldhName: each })),
    // A domain without DS records has no list of them: it would not be allowed to be empty.
    secureDNS: {
      delegationSigned: domain.ds.length > 0,
      ...(domain.ds.length > 0 ? { dsData: domain.ds } : {}),
    },
  };
  return { status: 200, body };
}

/** RFC 9083 §6. */
function notFound(path: string): RdapAnswer {
  const body = { rdapConformance: ['rdap_level_0'], errorCode: 404, title: 'Not found', description: [path] };
  return { status: 404, body };
}
