import type { LockClaim } from './deploy-lock.ts';

/** A deploy as the owner's side asks for it and the agent hears it: the words after `haven-agent deploy`. */
export interface DeployCall {
  service: string;
  /** Hash of the release; null takes the service away. */
  to: string | null;
  /** Name of the operation. */
  op: string;
  /** The run whose deploy lock this is under. */
  claim: LockClaim;
}

export function renderDeployCall({ service, to, op, claim }: DeployCall): string[] {
  const target = to === null ? [] : ['--to', to];
  return ['--service', service, ...target, '--op', op, '--claim', JSON.stringify(claim)];
}

export function parseDeployCall(words: string[]): DeployCall {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < words.length; index += 2) values.set(words[index]!, words[index + 1]!);
  const given = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`haven-agent deploy: ${name} is missing.`);
    return value;
  };
  return {
    service: given('--service'),
    to: values.get('--to') ?? null,
    op: given('--op'),
    claim: JSON.parse(given('--claim')) as LockClaim,
  };
}
