import { type AlarmWays, describeAlarmWays } from '../alarms/alarm-ways.ts';
import { isRecordKey, type PlannedValue, recordKey } from '../dns/record.ts';
import { signedZone } from '../dns/zone-signing.ts';
import type { Change } from './changes.ts';
import { describeBackups } from './describe-backups.ts';
import type { Plan } from './plan.ts';
import type { PlannedRelease } from './plan-releases.ts';

/** A change in plain words for the owner: what it is, what happens, and what it costs. */
export interface ChangeLine {
  kind: Change['kind'];
  what: string;
  name: string;
  detail: string;
  /** What stops, and for how long; undefined when nothing does. */
  stops?: string;
  /** What could be lost; undefined when nothing is. */
  data?: string;
}

const value = (input: unknown): string =>
  typeof input === 'string' && !/\[?unknown\b|04da6b54/.test(input) ? input : '';

export function describeChange(change: Change, plan: Plan): ChangeLine {
  const inputs = change.after ?? change.before ?? {};
  const line = (what: string, name: string, detail = '', more: Partial<ChangeLine> = {}): ChangeLine => ({
    kind: change.kind,
    what,
    name,
    detail,
    ...more,
  });
  if (isRecordKey(change.name)) return describeRecord(change, plan, line);
  switch (change.type) {
    case 'hcloud:index/server:Server':
      return line(
        'Server',
        value(inputs.name),
        `${inputs.serverType} in ${inputs.location}, ${inputs.image}${changedText(change)}`,
        {
          ...(change.kind === 'replace' || change.kind === 'delete'
            ? {
                stops: 'everything, for a few minutes',
                data: 'none: all data is on the volume, which is kept',
              }
            : {}),
          ...(change.kind === 'update' && change.properties.includes('serverType')
            ? { stops: 'everything, for about 2 min' }
            : {}),
        },
      );
    case 'hcloud:index/volume:Volume':
      return line(
        'Volume',
        value(inputs.name),
        hasGrown(change) ? `${change.before?.size} GB → ${inputs.size} GB` : `${inputs.size} GB`,
        change.kind === 'delete' || change.kind === 'replace' ? { data: 'ALL DATA of this cloud' } : {},
      );
    case 'hcloud:index/primaryIp:PrimaryIp':
      return line(
        'Address',
        value(inputs.name),
        String(inputs.type),
        change.kind === 'delete' ? { data: 'the address, and its reputation' } : {},
      );
    case 'hcloud:index/firewall:Firewall':
      return line(
        'Firewall',
        value(inputs.name),
        plan.firewall.map((rule) => (rule.port ? `${rule.protocol} ${rule.port}` : rule.protocol)).join(', '),
      );
    case 'hcloud:index/rdns:Rdns':
      return line(
        'Reverse DNS',
        value(inputs.ipAddress) || change.name.replace(/^.*-/, ''),
        `→ ${inputs.dnsPtr}`,
      );
    case 'hcloud:index/sshKey:SshKey':
      return line('SSH key', value(inputs.name));
    case 'hcloud:index/volumeAttachment:VolumeAttachment':
      return line('Attachment', 'volume', 'to the server');
    case 'command:remote:Command':
      return line('File system', 'volume', 'created if the volume is blank');
    case 'haven:index:Agent':
      return line(
        'Agent',
        plan.server.hostName,
        change.kind === 'update' ? agentUpdate(change, plan) : 'sets up the server',
      );
    case 'haven:index:SetUp':
      return line(
        'Set-up',
        plan.server.hostName,
        change.kind === 'create' ? 'looked at with every plan' : mendedText(change),
        mayRestartDocker(change)
          ? { stops: 'every service for some seconds, if Docker uses the changed file' }
          : {},
      );
    case 'haven:index:Alarms':
      return line('Alarms', describeAlarmWays((inputs.ways ?? {}) as AlarmWays), alarmsDetail(change));
    case 'haven:index:Backups': {
      const { name, detail } = describeBackups(change);
      return line('Backups', name, detail);
    }
    case 'haven:index:Certificate':
      return line('Certificate', change.name.replace(/^certificate-/, ''), certificateDetail(change));
    case 'haven:index:MailPreflight':
      return line(
        'Mail preflight',
        plan.mail?.host ?? '',
        change.kind === 'delete'
          ? 'no longer needed'
          : 'tries port 25, reverse DNS and block lists before mail goes live',
      );
    case 'haven:index:ZoneSigning':
      return describeSigning(change);
    case 'haven:index:Release':
      return describeRelease(change, plan, line);
    default:
      return line(change.type, change.name);
  }
}

/** DNSSEC of a zone is never ended by a plan. */
function describeSigning({ kind, name }: Change): ChangeLine {
  const line = { kind, what: 'DNSSEC', name: signedZone(name) ?? name };
  if (kind === 'delete')
    return { ...line, kind: 'keep', detail: 'stays signed; haven no longer checks that' };
  if (kind === 'create')
    return {
      ...line,
      detail: 'signs the zone if it is not signed yet; your registrar then needs its DS record',
    };
  return { ...line, detail: 'signs the zone again: that was disabled at its DNS provider' };
}

/** A secret is named when its generation differs. */
function alarmsDetail({ kind, before, after }: Change): string {
  if (kind === 'create') return 'told when something is wrong, and when it is good again';
  if (kind === 'delete') return 'no more alarms are sent';
  const generations = ({ ways }: Record<string, unknown> = {}) =>
    (ways as AlarmWays | undefined)?.secrets ?? {};
  const [old, next] = [generations(before), generations(after)];
  const changed = Object.keys({ ...old, ...next }).filter((name) => old[name] !== next[name]);
  return changed.length > 0 ? `changed: ${changed.join(', ')}` : '';
}

const hasGrown = ({ kind, before, after }: Change): boolean =>
  kind === 'update' && before?.size !== after?.size;

/** The agent's command names the size of the volume (`components/server.ts`), and sets the server up if it changes. */
function agentUpdate({ before, after, properties }: Change, plan: Plan): string {
  const said = [
    ...(properties.includes('sha256')
      ? [before?.sha256 === after?.sha256 ? 'changed from elsewhere, put right' : 'a new version']
      : []),
    ...(properties.includes('volumeGb') ? [`enlarges the file system to ${plan.volume.sizeGb} GB`] : []),
  ];
  return said.join(', ') || 'sets up the server';
}

const changedText = (change: Change): string =>
  change.kind === 'update' && change.properties.length > 0 ? ` (${change.properties.join(', ')})` : '';

/** A record at any DNS provider. Its inputs are name, type and content, as {@link recordContent} writes it. */
function describeRecord(
  change: Change,
  plan: Plan,
  line: (what: string, name: string, detail?: string, more?: Partial<ChangeLine>) => ChangeLine,
): ChangeLine {
  const inputs = change.after ?? change.before ?? {};
  const name = `${inputs.name} ${inputs.type}`;
  const planned = plan.records.find((each) => recordKey(each) === change.name);
  const known = planned && isMadeLater(planned.value) ? '' : value(change.after?.content);
  const after = known || (change.after && planned ? outputText(planned.value) : '');
  const before = value(change.before?.content);
  if (change.type === 'haven:index:ManualRecord') {
    const unseen = change.properties.includes('visible') ? ' (the DNS does not show it)' : '';
    return line('DNS by hand', name, change.kind === 'delete' ? 'yours to remove' : `${after}${unseen}`);
  }
  if (change.kind !== 'update') return line('DNS', name, after || before);
  return line(
    'DNS',
    name,
    before === after ? `${after} (${change.properties.join(', ')})` : `${before} → ${after}`,
  );
}

/** A key of ours that does not exist before the owner agrees. */
const isMadeLater = (planned: PlannedValue): boolean =>
  typeof planned !== 'string' && planned.output.startsWith('dkim:');

const outputText = (planned: PlannedValue): string => {
  if (typeof planned === 'string') return planned;
  if (planned.output.startsWith('tlsa')) return "a key's hash, once it is made";
  if (isMadeLater(planned)) return 'a new key for signatures, made by haven up';
  return planned.output === 'acme-account'
    ? 'your account at the certificate authority'
    : `the server's ${planned.output}`;
};

function certificateDetail({ kind, properties }: Change): string {
  if (kind === 'update' && properties.includes('keyGeneration'))
    return 'switches to its next key, and makes another one';
  return kind === 'update' && properties.includes('accountUrl')
    ? 'is renewed by your new account at the certificate authority'
    : 'by HTTP-01; its private keys never leave the server';
}

function describeRelease(
  change: Change,
  plan: Plan,
  line: (what: string, name: string, detail?: string, more?: Partial<ChangeLine>) => ChangeLine,
): ChangeLine {
  const service = String((change.after ?? change.before)?.service ?? change.name.replace(/^release-/, ''));
  const planned = plan.releases.find((each) => each.service === service);
  const version = planned?.bundle.release.version ?? '';
  const seconds = change.stoppedSeconds;
  const duration =
    seconds === undefined
      ? 'for some seconds (not measured yet)'
      : `for about ${Math.max(1, seconds)} s (measured at its last change)`;
  const data = Object.entries(planned?.bundle.release.data ?? {});
  const never = data.filter(([, each]) => each.rollback === 'never').map(([name]) => name);
  const safe =
    data.length === 0
      ? 'none'
      : `safe: restored automatically if the change fails${never.length > 0 ? `, except ${never.join(', ')}` : ''}`;
  if (change.kind === 'create')
    return line('Service', service, `${version}${accessText(planned)}${heldText(planned?.held)}`);
  if (change.kind === 'delete')
    return line('Service', service, 'removed', { stops: service, data: 'stays on the volume' });
  const quotas = quotaText(change);
  const mended = mendedText(change);
  if (change.kind === 'update' && !change.properties.includes('hash'))
    return line('Service', service, [quotas, mended].filter(Boolean).join('; '));
  if (change.kind === 'update') {
    const what =
      !change.before || String(change.before.hash) === planned?.hash
        ? 'restart: it was not healthy'
        : `${String(change.before.hash).slice(0, 7)} → ${planned?.hash.slice(0, 7)}${summaryText(change)}`;
    return line(
      'Service',
      service,
      `${[what, quotas, mended].filter(Boolean).join('; ')}${heldText(planned?.held)}`,
      {
        stops: `${service}, ${duration}`,
        data: safe,
      },
    );
  }
  return line('Service', service, version);
}

/** Who has access. */
function accessText(planned: PlannedRelease | undefined): string {
  const release = planned?.bundle.release;
  const protection = release?.routes.find((each) => each.protected)?.protected;
  if (protection) return `, for ${protection.group ?? 'users with a login'}`;
  const check = release?.login?.check;
  if (!check) return '';
  return `, single sign-on${check.admins ? `; members of "${check.admins}" administer it` : ''}`;
}

/** What its data may use on the volume from now on. */
function quotaText({ before, after }: Change): string {
  const [then, now] = [before, after].map((each) => (each?.quotas ?? {}) as Record<string, number | null>);
  return Object.entries(now!)
    .filter(([name, gb]) => gb !== then![name])
    .map(([name, gb]) => `quota of ${name}: ${then![name] ?? 'none'} → ${gb} GB`)
    .join(', ');
}

/** Docker is restarted when its own file is written again. Containers run on, unless the file had changed that. */
const mayRestartDocker = ({ differs = [] }: Change): boolean =>
  differs.some((each) => each.startsWith('/etc/docker/daemon.json '));

/** What something else has changed, and this change puts right. */
const mendedText = ({ properties, differs = [] }: Change): string =>
  properties.includes('differs') ? `changed from elsewhere, put right: ${differs.join(', ')}` : '';

const heldText = (held: boolean | undefined): string => (held ? ' (held by a rollback)' : '');

/** Which parts of a release's summary differ: versions, images, settings. */
function summaryText(change: Change): string {
  const before = (change.before?.summary ?? {}) as Record<string, unknown>;
  const after = (change.after?.summary ?? {}) as Record<string, unknown>;
  const differing = Object.keys(after).filter(
    (key) => JSON.stringify(after[key]) !== JSON.stringify(before[key]),
  );
  return differing.length > 0 ? `: ${differing.join(', ')}` : '';
}
