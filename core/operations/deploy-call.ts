/** A deploy as the owner's side asks for it and the agent hears it: the words after `haven-agent deploy`. */
export interface DeployCall {
  service: string;
  /** Hash of the release; null takes the service away. */
  to: string | null;
  /** Name of the operation. */
  op: string;
  /** The run whose deploy lock this is under. */
  deployLock: string;
  /** Who that is, for others to read. */
  holder: string;
  /** The newest protocol that the caller knows. */
  speaks: number;
}

export function renderDeployCall({ service, to, op, deployLock, holder, speaks }: DeployCall): string[] {
  const target = to === null ? [] : ['--to', to];
  const lock = ['--deploy-lock', deployLock, '--holder', holder];
  return ['--service', service, ...target, '--op', op, ...lock, '--speaks', String(speaks)];
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
    deployLock: given('--deploy-lock'),
    holder: given('--holder'),
    speaks: Number(given('--speaks')),
  };
}
