import type { AlarmList } from '../../agent/alarms/alarm-commands.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { ServerState } from '../../agent/server/server-look.ts';
import { clockGap, describeClockGap } from '../../core/clock.ts';
import { olderProblem } from '../../core/operations/agent-install.ts';
import type { ServiceStatus } from '../health/service-status.ts';
import { type Finding, found } from './finding.ts';

/** What a server answered. */
export interface ServerFacts {
  address: string;
  hello: { version: string; node: string };
  /** Its clock, and when it was asked and heard here, in milliseconds since 1970. */
  clock: { asked: number; now: number; heard: number };
  disks: ServiceStatus[];
  services: Pick<ServiceState, 'service' | 'healthy' | 'switchedOff'>[];
  server: ServerState;
  alarms: AlarmList;
}

/** What is wrong with a server that answers. `own` is the version of this haven. */
export function judgeServer(facts: ServerFacts, own: string): Finding[] {
  return [
    found('server', 'Server', toRun, `${facts.address} answers`),
    judgeAgent(facts, own),
    judgeServices(facts),
    ...facts.disks.map(judgeDisk),
    judgeClock(facts),
    judgeSetUp(facts),
    judgeUnits(facts),
  ];
}

const toRun = 'your services';

function judgeAgent({ hello: { version, node } }: ServerFacts, own: string): Finding {
  const finding = found('server', 'Agent', toRun, `version ${version} under Node ${node}`);
  if (olderProblem(own, version) !== undefined)
    return {
      ...finding,
      state: 'missing',
      evidence: `version ${version}, which is newer than this haven (${own})`,
      remedy: `Update haven on this computer to ${version} or newer.`,
    };
  if (version === own) return finding;
  return { ...finding, state: 'later', remedy: `"haven up" installs ${own}.` };
}

/** A service is healthy only if Docker answers, so this is the question about Docker too. */
function judgeServices({ services }: ServerFacts): Finding {
  const unwell = services.filter(({ healthy, switchedOff }) => !healthy && !switchedOff);
  const finding = found(
    'server',
    'Docker',
    toRun,
    `${services.length - unwell.length} of ${services.length} services are as they should be`,
  );
  if (unwell.length === 0) return finding;
  const names = unwell.map(({ service }) => service).join(', ');
  return { ...finding, state: 'missing', evidence: `not healthy: ${names}`, remedy: 'Run: haven status' };
}

const judgeDisk = ({ service, good, evidence }: ServiceStatus): Finding => ({
  ...found('server', `Disk: ${service}`, toRun, evidence),
  state: good ? 'found' : 'missing',
});

function judgeClock({ clock: { asked, now, heard } }: ServerFacts): Finding {
  const gap = clockGap(asked, now, heard);
  const finding = found('server', 'Clock', 'logins and certificates', "as this computer's");
  if (gap === undefined) return finding;
  return { ...finding, state: 'missing', evidence: describeClockGap(gap), remedy: '' };
}

/** Files, units, settings of the kernel and the firewall, as set-up leaves them. */
function judgeSetUp({ server }: ServerFacts): Finding {
  const finding = found('server', 'Files and units', toRun, 'as haven sets them up');
  if ('unread' in server) return { ...finding, state: 'unreachable', evidence: server.unread };
  if (server.differs.length === 0) return finding;
  return { ...finding, state: 'missing', evidence: server.differs.join('; '), remedy: 'Run: haven up' };
}

function judgeUnits({ alarms: { checkedAt, alarms } }: ServerFacts): Finding {
  const finding = found(
    'server',
    'Conditions',
    toRun,
    `none, ${checkedAt ?? 'but the server has not looked yet'}`,
  );
  if (alarms.length === 0) return finding;
  return {
    ...finding,
    state: 'missing',
    evidence: alarms.map(({ what }) => what).join(' '),
    remedy: 'Run: haven alarm list',
  };
}
