import { network } from '../machine/network.ts';
import { rdapBootstrapName } from '../registrar/rdap.ts';
import { archiveNames } from './archive/routes.ts';
import type { InternetFaults } from './fault-order.ts';
import { registries, registryNames } from './registries/names.ts';
import { boxName, storageName } from './storage/names.ts';
import { authorityIpv4 } from './zones.ts';

/** Nothing listens there for the web, only the name server for questions. */
const deadIpv4 = authorityIpv4;

const others = [...archiveNames, storageName, boxName] as const;

/** The addresses of all names that the internet serves; of one that a test has refuse connections, where none listens. */
export function addressesOf(faults: InternetFaults): Record<string, string> {
  const address = (fault: string | undefined) => (fault === 'refused' ? deadIpv4 : network.internetIpv4);
  return Object.fromEntries([
    ...registries.flatMap((each) => registryNames[each].map((name) => [name, address(faults[each])])),
    [rdapBootstrapName, network.internetIpv4],
    ...others.map((name) => [name, address(faults[name])]),
  ]);
}
