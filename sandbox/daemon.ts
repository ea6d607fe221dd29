import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MachineKit, machineDataCentre, machineId } from './data-centre/machine-data-centre.ts';
import { listenCloudflareEmulator } from './emulators/cloudflare/listen.ts';
import { type DnsRecord, initialCloudflare } from './emulators/cloudflare/state.ts';
import { listenHetznerEmulator } from './emulators/hetzner/listen.ts';
import { initialState } from './emulators/hetzner/project/state.ts';
import { type ApiAnswer, type ApiRequest, listen, listenApi } from './emulators/http-api.ts';
import { JsonStore } from './emulators/json-store.ts';
import { oneAtATime } from './emulators/one-at-a-time.ts';
import { pidFile, sandboxDir } from './host/paths.ts';
import { ports } from './host/ports.ts';
import { debianMirrors } from './images/debian-mirror.ts';
import { internetImage } from './images/images.ts';
import { createAcmeGateway } from './internet/acme-gateway.ts';
import { changeFaults, type InternetFaults } from './internet/fault-order.ts';
import { startForeignMail, stopForeignMail } from './internet/foreign-mail/server.ts';
import { type ForeignMailOrder, foreignMailOrder } from './internet/foreign-mail/zone.ts';
import { publishZones } from './internet/internet.ts';
import { serveInternet } from './internet/serve.ts';
import { createSftpAccount, emptyBox } from './internet/storage/box.ts';
import {
  createBucket,
  emptyObjectStorage,
  ensureBucket,
  startObjectStorage,
} from './internet/storage/gateway.ts';
import { network } from './machine/network.ts';
import { allDomains, changeDomain, type Domain } from './registrar/registrar.ts';
import { serveImages } from './serve-images.ts';
import { tokens } from './tokens.ts';

/**
 * The process behind the sandbox: Hetzner's and Cloudflare's APIs, the gateway to the certificate authority, container
 * registries, object storage and Debian's archive.
 * `haven sandbox start` starts it, `haven sandbox stop` ends it.
 */
const [machineImage, imagesFrom] = process.argv.slice(2);
const pointers = new JsonStore<Record<string, string>>(join(sandboxDir, 'pointers.json'), {});
const cloudflareStore = new JsonStore(join(sandboxDir, 'cloudflare.json'), initialCloudflare());
let faults: InternetFaults = {};
/** What a test ordered of the foreign mail server; undefined while it does not run. */
let foreignMail: ForeignMailOrder | undefined;
/** Domains that are not as they were registered. */
const registrar = new JsonStore<Record<string, Domain>>(join(sandboxDir, 'registrar.json'), {});
const domains = () => allDomains(cloudflareStore.value.zones, registrar.value);
const publish = oneAtATime(() =>
  publishZones({
    customers: cloudflareStore.value.zones,
    domains: domains(),
    pointers: pointers.value,
    faults,
    ...(foreignMail ? { foreignMail } : {}),
  }),
);
const kit: MachineKit = {
  machineImage: machineImage!,
  imagesFrom: imagesFrom!,
  areEmpty: false,
  async setPointer(ip, name) {
    if (name === null) delete pointers.value[ip];
    else pointers.value[ip] = name;
    pointers.save();
    await publish();
  },
};
/** The S3 server may have been built after the sandbox was started. */
const startStorage = oneAtATime(() => startObjectStorage(internetImage()));
const dataCentre = machineDataCentre(kit);
const where = { address: network.hostIpv4, log: (line: string) => console.log(line) };

await publish();
const hetzner = await listenHetznerEmulator({
  ...where,
  port: ports.hetzner,
  token: tokens.hetzner,
  store: new JsonStore(join(sandboxDir, 'hetzner.json'), initialState()),
  dataCentre,
  delayMs: 120,
});
const cloudflare = await listenCloudflareEmulator({
  ...where,
  port: ports.cloudflare,
  token: tokens.cloudflare,
  store: cloudflareStore,
  publish,
  parentDs: (zone) => domains()[zone]?.ds ?? [],
});

/** The control API, for tests and `haven sandbox`. Production code does not know it. */
const control = async (request: ApiRequest): Promise<ApiAnswer> => {
  const body = (request.body ?? {}) as Record<string, unknown>;
  switch (`${request.method} ${request.path}`) {
    case 'GET /':
      return { status: 200, body: { hetzner: hetzner.state, cloudflare: cloudflare.state } };
    case 'PUT /zone': {
      const { name, records } = body as { name: string; records: Partial<DnsRecord>[] };
      delete registrar.value[name];
      registrar.save();
      return { status: 200, body: { id: (await cloudflare.registerZone(name, records)).id } };
    }
    case 'POST /registrar': {
      const { name, domain } = changeDomain(domains(), body);
      registrar.value[name] = domain;
      registrar.save();
      await publish();
      return { status: 200, body: domain };
    }
    case 'PUT /faults':
      await hetzner.setFaults(body);
      return { status: 200, body: hetzner.state.faults };
    case 'PUT /internet-faults':
      faults = changeFaults(faults, body);
      await publish();
      return { status: 200, body: faults };
    case 'PUT /foreign-mail':
      foreignMail = foreignMailOrder.parse(body);
      await publish();
      await startForeignMail(foreignMail);
      return { status: 200, body: foreignMail };
    case 'DELETE /foreign-mail':
      foreignMail = undefined;
      await stopForeignMail();
      await publish();
      return { status: 200, body: {} };
    case 'POST /buckets':
      await startStorage();
      return { status: 200, body: await createBucket(body.name) };
    case 'PUT /buckets':
      await startStorage();
      return { status: 200, body: await ensureBucket(body.name) };
    case 'POST /sftp-accounts':
      return { status: 200, body: createSftpAccount(body.publicKey) };
    case 'DELETE /places':
      emptyObjectStorage();
      emptyBox();
      return { status: 200, body: {} };
    case 'PUT /new-servers':
      kit.areEmpty = body.areEmpty === true;
      return { status: 200, body: { areEmpty: kit.areEmpty } };
    case 'POST /kill':
      await dataCentre.reset(Number(body.server));
      return { status: 200, body: {} };
    default:
      return { status: 404, body: { error: `no ${request.method} ${request.path}` } };
  }
};
await listenApi(control, { ...where, port: ports.control });
await listen(createAcmeGateway(), ports.acme, network.hostIpv4);
await serveInternet({
  mirrors: debianMirrors(),
  faults: () => faults,
  domains,
  foreignMail: () => foreignMail,
});
const images = serveImages({
  runningServers: () =>
    hetzner.state.servers.filter((each) => each.status === 'running').map(({ id }) => machineId(id)),
  onStore(store) {
    kit.imagesFrom = store;
  },
});
await listen(images, ports.images, network.hostIpv4);
writeFileSync(pidFile, String(process.pid));
console.log('ready');
