import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { cacheDir } from '../../system/cache-dir.ts';
import { listen } from '../emulators/http-api.ts';
import { sandboxDir } from '../host/paths.ts';
import { ports } from '../host/ports.ts';
import { network } from '../machine/network.ts';
import { debianArchive } from './archive/archive.ts';
import type { Mirrors } from './archive/routes.ts';
import type { InternetFaults } from './fault-order.ts';
import { registryFront } from './registries/front.ts';
import { storageFront } from './storage/front.ts';
import { storageName } from './storage/names.ts';

/** Serves what the internet's addresses pass on to this machine: registries, object storage, and Debian's archive. */
export async function serveInternet(mirrors: Mirrors, faults: () => InternetFaults): Promise<void> {
  const tls = join(sandboxDir, 'internet', 'tls');
  const certificate = {
    key: readFileSync(join(tls, 'web.key')),
    cert: readFileSync(join(tls, 'web.crt')),
  };
  const registries = registryFront({ storePort: ports.registryStore, faults });
  const storage = storageFront({ storagePort: ports.objectStorage, fault: () => faults()[storageName] });
  const web = createTlsServer(certificate, (incoming, response) =>
    (incoming.headers.host === storageName ? storage : registries)(incoming, response),
  );
  // A large object on a slow line takes longer than Node lets a request take.
  web.requestTimeout = 0;
  await listen(web, ports.web, network.hostIpv4);
  const archive = createServer(debianArchive({ mirrors, folder: join(cacheDir, 'debian'), faults }));
  await listen(archive, ports.archive, network.hostIpv4);
}
