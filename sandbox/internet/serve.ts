import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { cacheDir } from '../../system/cache-dir.ts';
import { listen } from '../emulators/http-api.ts';
import { sandboxDir } from '../host/paths.ts';
import { ports } from '../host/ports.ts';
import { network } from '../machine/network.ts';
import { rdapBootstrapName, rdapFront, rdapName } from '../registrar/rdap.ts';
import type { Domain } from '../registrar/registrar.ts';
import { debianArchive } from './archive/archive.ts';
import type { Mirrors } from './archive/routes.ts';
import type { InternetFaults } from './fault-order.ts';
import { policyHost } from './foreign-mail/names.ts';
import { policyFront } from './foreign-mail/policy.ts';
import type { ForeignMailOrder } from './foreign-mail/zone.ts';
import { registryFront } from './registries/front.ts';
import { storageFront } from './storage/front.ts';
import { storageName } from './storage/names.ts';
import { topLevel } from './zones.ts';

/** What is served, as it is now. */
export interface Served {
  mirrors: Mirrors;
  faults: () => InternetFaults;
  /** What the registry says of each domain, by name. */
  domains: () => Record<string, Domain>;
  /** What was ordered of the foreign mail server, if it runs. */
  foreignMail: () => ForeignMailOrder | undefined;
}

/**
 * Serves what the internet's addresses pass on to this machine: registries, object storage, RDAP, the policy of the foreign mail
 * server, and Debian's archive.
 */
export async function serveInternet({ mirrors, faults, domains, foreignMail }: Served): Promise<void> {
  const tls = join(sandboxDir, 'internet', 'tls');
  const certificate = {
    key: readFileSync(join(tls, 'web.key')),
    cert: readFileSync(join(tls, 'web.crt')),
  };
  const registries = registryFront({ storePort: ports.registryStore, faults });
  const storage = storageFront({ storagePort: ports.objectStorage, fault: () => faults()[storageName] });
  const rdap = rdapFront(topLevel, domains);
  const fronts = new Map([
    [storageName, storage],
    [rdapName, rdap],
    [rdapBootstrapName, rdap],
    [policyHost, policyFront(() => foreignMail()?.sts ?? 'none')],
  ]);
  const web = createTlsServer(certificate, (incoming, response) =>
    (fronts.get(incoming.headers.host ?? '') ?? registries)(incoming, response),
  );
  // A large object on a slow line takes longer than Node lets a request take.
  web.requestTimeout = 0;
  await listen(web, ports.web, network.hostIpv4);
  const archive = createServer(debianArchive({ mirrors, folder: join(cacheDir, 'debian'), faults }));
  await listen(archive, ports.archive, network.hostIpv4);
}
