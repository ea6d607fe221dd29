import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudflareApi, initialCloudflare, type Zone, zoneIdOf } from './emulators/cloudflare/api.ts';
import { HetznerApi } from './emulators/hetzner/api.ts';
import { createDataCentre } from './emulators/hetzner/data-centre.ts';
import { initialState } from './emulators/hetzner/types.ts';
import { type ApiAnswer, type ApiRequest, listen, serveApi } from './emulators/http-api.ts';
import { JsonStore } from './emulators/json-store.ts';
import { oneAtATime } from './emulators/one-at-a-time.ts';
import { createAcmeGateway } from './internet/acme-gateway.ts';
import { publishZones } from './internet/internet.ts';
import { network } from './machine/network.ts';
import { sandboxDir } from './paths.ts';

/**
 * The process behind the sandbox: Hetzner's and Cloudflare's APIs and the door to the certificate authority, on the
 * address that this machine has on the sandbox's network. Started by `haven sandbox start`, ended by `haven sandbox stop`.
 */
export const ports = { hetzner: 8801, cloudflare: 8802, control: 8803, acme: 14000 } as const;
export const tokens = {
  hetzner: 'sandbox-hetzner-token-sandbox-hetzner-token-sandbox-token00'.slice(0, 64),
  cloudflare: 'sandbox-cloudflare-token-000000000000000',
} as const;

if (import.meta.main) {
  const [machineImage, imagesFrom] = process.argv.slice(2);
  const pointers = new JsonStore<Record<string, string>>(join(sandboxDir, 'pointers.json'), {});
  const cloudflareStore = new JsonStore(join(sandboxDir, 'cloudflare.json'), initialCloudflare());
  const publish = oneAtATime(() => publishZones(cloudflareStore.value.zones, pointers.value));
  const cloudflare = new CloudflareApi(cloudflareStore, publish, tokens.cloudflare);
  const dataCentre = createDataCentre({
    machineImage: machineImage!,
    imagesFrom: imagesFrom!,
    async setPointer(ip, name) {
      if (name === null) delete pointers.value[ip];
      else pointers.value[ip] = name;
      pointers.save();
      await publish();
    },
  });
  const hetznerStore = new JsonStore(join(sandboxDir, 'hetzner.json'), initialState());
  const hetzner = new HetznerApi(hetznerStore, dataCentre, tokens.hetzner);
  // An action that was under way when this process ended has ended with it.
  for (const action of hetznerStore.value.actions) if (action.status === 'running') action.status = 'error';

  /** The sandbox's own door: what a test or `haven sandbox` sets. No production code knows it. */
  const control = async (request: ApiRequest): Promise<ApiAnswer> => {
    const body = (request.body ?? {}) as Record<string, unknown>;
    switch (`${request.method} ${request.path}`) {
      case 'GET /':
        return { status: 200, body: { hetzner: hetznerStore.value, cloudflare: cloudflareStore.value } };
      case 'PUT /zone': {
        const { name, records } = body as unknown as { name: string; records: Zone['records'] };
        const zone: Zone = { id: zoneIdOf(name), name, status: 'active', serial: 1, records };
        cloudflareStore.value.zones = cloudflareStore.value.zones
          .filter((each) => each.name !== name)
          .concat(zone);
        cloudflareStore.save();
        await publish();
        return { status: 200, body: { id: zone.id } };
      }
      case 'PUT /faults':
        Object.assign(hetznerStore.value.faults, body);
        hetznerStore.save();
        await dataCentre.enforce(hetznerStore.value);
        return { status: 200, body: hetznerStore.value.faults };
      case 'POST /kill':
        await dataCentre.reset(Number(body.server));
        return { status: 200, body: {} };
      default:
        return { status: 404, body: { error: `no ${request.method} ${request.path}` } };
    }
  };

  await publish();
  await dataCentre.enforce(hetznerStore.value);
  for (const server of [...hetznerStore.value.servers]) {
    if (!(await dataCentre.has(server.id))) {
      console.log(`server ${server.id} is lost: its container is gone. It counts as deleted.`);
      await hetzner.dropServer(server.id);
    } else if (server.status === 'running') await dataCentre.powerOn(server.id);
  }
  await listen(
    serveApi((request) => hetzner.answer(request)),
    ports.hetzner,
    network.hostIpv4,
  );
  await listen(
    serveApi((request) => cloudflare.answer(request)),
    ports.cloudflare,
    network.hostIpv4,
  );
  await listen(serveApi(control), ports.control, network.hostIpv4);
  await listen(createAcmeGateway(), ports.acme, network.hostIpv4);
  writeFileSync(join(sandboxDir, 'daemon.pid'), String(process.pid));
  console.log('ready');
}
