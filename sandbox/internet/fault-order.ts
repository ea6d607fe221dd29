import { z } from 'zod';
import { type ArchiveFaults, archiveFault } from './archive/fault.ts';
import { archiveNames } from './archive/routes.ts';
import { type RegistryFaults, registryFault } from './registries/fault.ts';
import { registries } from './registries/names.ts';
import { boxFault, type StorageFaults, storageFault } from './storage/fault.ts';
import { boxName, storageName } from './storage/names.ts';

/** What goes wrong in the sandbox's internet, by name. */
export type InternetFaults = RegistryFaults & ArchiveFaults & StorageFaults;

/** How a test orders faults: by name, and `null` for "works again". Names that are left out stay as they are. */
const orderSchema = z.strictObject({
  ...Object.fromEntries(registries.map((each) => [each, registryFault.nullable().optional()])),
  ...Object.fromEntries(archiveNames.map((each) => [each, archiveFault.nullable().optional()])),
  [storageName]: storageFault.nullable().optional(),
  [boxName]: boxFault.nullable().optional(),
});
export type FaultOrder = { [Name in keyof InternetFaults]: InternetFaults[Name] | null };

/** The faults after an order. Throws, with all that is wrong with it, if the order names something unknown. */
export function changeFaults(faults: InternetFaults, order: unknown): InternetFaults {
  const parsed = orderSchema.safeParse(order);
  if (!parsed.success) throw new Error(`not an order of faults: ${z.prettifyError(parsed.error)}`);
  const entries = Object.entries({ ...faults, ...parsed.data }).filter(([, fault]) => fault);
  return Object.fromEntries(entries) as InternetFaults;
}
