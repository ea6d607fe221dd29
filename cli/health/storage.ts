import type { DataQuota } from '../../agent/data/quotas.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { Asked } from '../../components/provider/ask-together.ts';
import { limitBytes } from '../../core/operations/quota-limit.ts';
import { describeUse, judgeUse, type Use } from '../../core/operations/storage.ts';
import type { ServiceStatus } from './service-status.ts';

/** The server's disks: the volume with all data, and its own with images and containers. */
export async function lookAtDisks(agent: Asked): Promise<ServiceStatus[]> {
  const disks = await agent.call<({ name: string; remedy: string } & Use)[]>(['disks']);
  return disks.map(({ name, remedy, ...use }) => {
    const judged = judgeUse(use);
    const evidence = `${describeUse(use)} in use${judged === 'well' ? '' : `. ${remedy}`}`;
    return { service: name, good: judged !== 'full', evidence };
  });
}

/** What is wrong with the space that a service's data has; an empty text if nothing is. */
export function describeFullData({ service, quotas }: ServiceState): { good: boolean; text: string } {
  const full = quotas.flatMap((each) => {
    const use = useOf(each);
    const judged = use ? judgeUse(use) : 'well';
    return use && judged !== 'well' ? [{ name: each.name, use, judged }] : [];
  });
  const texts = full.map(
    ({ name, use }) =>
      `; its data "${name}" takes ${describeUse(use)}. Delete some of it, or raise services.${service}.quotaGb.${name} in haven.yaml, then run: haven up`,
  );
  return { good: full.every(({ judged }) => judged !== 'full'), text: texts.join('') };
}

/** A line for each data with a quota. */
export function storageLines(states: ServiceState[]): string[] {
  return states.flatMap(({ service, quotas }) =>
    quotas.flatMap((each) => {
      const use = useOf(each);
      return use ? [`${service.padEnd(14)} ${each.name.padEnd(12)} ${describeUse(use)}`] : [];
    }),
  );
}

/** Undefined without a quota. */
const useOf = ({ usedBytes, quotaGb }: DataQuota): Use | undefined =>
  quotaGb === null ? undefined : { usedBytes, totalBytes: limitBytes(quotaGb) };
