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

/** Serves what the internet's addresses pass on to this machine: the registries, and Debian's archive. */
export async function serveInternet(mirrors: Mirrors, faults: () => InternetFaults): Promise<void> {
  const tls = join(sandboxDir, 'internet', 'tls');
  const certificate = {
    key: readFileSync(join(tls, 'registries.key')),
    cert: readFileSync(join(tls, 'registries.crt')),
  };
  const front = createTlsServer(certificate, registryFront({ storePort: ports.registryStore, faults }));
  await listen(front, ports.registries, network.hostIpv4);
  const archive = createServer(debianArchive({ mirrors, folder: join(cacheDir, 'debian'), faults }));
  await listen(archive, ports.archive, network.hostIpv4);
}
