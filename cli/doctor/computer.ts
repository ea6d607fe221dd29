import { type Finding, found } from './finding.ts';

/** What was seen of this computer. */
export interface ComputerFacts {
  node: string;
  platform: string;
  arch: string;
  isRoot: boolean;
  engineVersion: string;
  /** The folder of an engine that is ready, or the program on PATH that is used at once. */
  engine: string | undefined;
  cacheDir: string;
  plugins: { name: string; version: string; file: string | undefined }[];
  /** Whether the addresses of downloads answer, asked only if something has to be fetched; with its size if they say so. */
  downloads: { host: string; problem: string | undefined; engineBytes: number | undefined } | undefined;
  go: string | undefined;
  ssh: string | undefined;
  /** Debian packages that a sandbox requires and that are not installed. */
  sandboxLacks: string[];
}

/** Node 24 is what the package says (`engines`); `cli/bin.mjs` goes on under the project's own if it is older. */
const oldestNode = 24;

/** What this computer lacks, and for what. */
export function judgeComputer(facts: ComputerFacts): Finding[] {
  return [
    judgeNode(facts),
    judgeEngine(facts),
    ...facts.plugins.map((each) => judgePlugin(each, facts)),
    ...judgeDownloads(facts),
    judgeSsh(facts),
    judgeGo(facts),
    judgeSandbox(facts),
  ];
}

function judgeNode({ node, platform, arch }: ComputerFacts): Finding {
  const evidence = `${node} on ${platform} ${arch}`;
  const finding = found('computer', 'Node', 'every command', evidence);
  if (Number(node.split('.')[0]) >= oldestNode) return finding;
  return {
    ...finding,
    state: 'missing',
    remedy: `Install Node ${oldestNode} or newer (https://nodejs.org).`,
  };
}

const toPlan = 'plan, up and destroy';

function judgeEngine(facts: ComputerFacts): Finding {
  const { engine, engineVersion, downloads, go } = facts;
  const name = `Pulumi engine ${engineVersion}`;
  if (engine) return found('computer', name, toPlan, engine);
  const size = downloads?.engineBytes ? ` (${Math.round(downloads.engineBytes / 1e6)} MB)` : '';
  if (downloads && downloads.problem === undefined)
    return {
      ...found('computer', name, toPlan, `not here; the first plan downloads it${size} to ${facts.cacheDir}`),
      state: 'later',
    };
  if (go)
    return {
      ...found(
        'computer',
        name,
        toPlan,
        'not here, and downloads are not reachable; the first plan builds it with Go in about 3 minutes',
      ),
      state: 'later',
    };
  return {
    ...found(
      'computer',
      name,
      toPlan,
      'not here, downloads are not reachable, and there is no Go to build it with',
    ),
    state: 'missing',
    remedy: `Connect this computer to the internet, or install Pulumi ${engineVersion} or Go.`,
  };
}

function judgePlugin(
  { name, version, file }: ComputerFacts['plugins'][number],
  { downloads, cacheDir }: ComputerFacts,
): Finding {
  const finding = found('computer', `Pulumi plugin ${name} ${version}`, toPlan, file ?? '');
  if (file) return finding;
  if (downloads && downloads.problem === undefined)
    return { ...finding, state: 'later', evidence: `not here; the first plan downloads it to ${cacheDir}` };
  return {
    ...finding,
    state: 'missing',
    evidence: 'not here, and downloads are not reachable',
    remedy: `Connect this computer to the internet, or put pulumi-resource-${name} on PATH.`,
  };
}

function judgeDownloads({ downloads }: ComputerFacts): Finding[] {
  if (!downloads) return [];
  const { host, problem } = downloads;
  const finding = found('computer', host, 'downloading what is not here', problem ?? 'answers');
  if (problem === undefined) return [finding];
  return [
    { ...finding, state: 'unreachable', remedy: 'Check your connection, or a firewall or proxy in between.' },
  ];
}

function judgeSsh({ ssh }: ComputerFacts): Finding {
  const finding = found('computer', 'ssh', 'haven ssh and haven exec alone', ssh ?? 'not on PATH');
  return ssh ? finding : { ...finding, state: 'later', remedy: 'To use them, install an OpenSSH client.' };
}

function judgeGo({ go }: ComputerFacts): Finding {
  const finding = found(
    'computer',
    'Go',
    'a sandbox, and an engine that can not be downloaded',
    go ?? 'not on PATH',
  );
  return go ? finding : { ...finding, state: 'later' };
}

function judgeSandbox({ platform, isRoot, sandboxLacks }: ComputerFacts): Finding {
  const finding = found('computer', 'Sandbox', 'trying a whole cloud on this computer', 'everything is here');
  if (platform !== 'linux')
    return {
      ...finding,
      state: 'later',
      evidence: 'requires Linux',
      remedy: 'See docs/owners/first-cloud.md.',
    };
  const lacks = [
    ...(isRoot ? [] : ['root']),
    ...(sandboxLacks.length > 0 ? [`these packages: ${sandboxLacks.join(', ')}`] : []),
  ];
  if (lacks.length === 0) return finding;
  return {
    ...finding,
    state: 'later',
    evidence: `requires ${lacks.join(' and ')}`,
    remedy: 'On Debian, as root, this installs them: haven sandbox start',
  };
}
