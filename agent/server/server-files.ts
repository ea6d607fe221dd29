import { banActionFile, renderBanAction } from '../../core/bans/jail.ts';
import { fail2banFolder } from '../effects/bans.ts';
import { agentFilesIn, renderStart } from './compiled-agent.ts';
import type { Volume } from './volume.ts';

/**
 * The files that turn a plain Debian 13 into a server of a haven. Each says who wrote it. Set-up only writes the
 * files that differ.
 */
export const agentFiles = agentFilesIn('/usr/local/lib/haven');
export const agentCommand = '/usr/local/bin/haven-agent';

/** The unit that mounts the volume. It names the device and the file system. */
export const volumeUnit = '/etc/systemd/system/haven-volume.service';

/**
 * The reverse proxy listens on 25, 80 and 443 as an ordinary user, without any capability. Port 22 stays root's. When it reloads, its new listener
 * takes over the connections that its old one has not accepted yet; otherwise they are reset.
 */
export const kernelSettings = {
  'net.ipv4.ip_unprivileged_port_start': '25',
  'net.ipv4.tcp_migrate_req': '1',
};
const kernelFile = '/etc/sysctl.d/60-haven.conf';
export const loadKernelSettings = ['sysctl', '--quiet', '--load', kernelFile];

const written = '# Written by the haven agent; changes here are overwritten.';

export interface ServerFile {
  path: string;
  text: string;
  mode?: number;
  /** Command to run after the file changed; once for all files that name the same one. */
  apply?: string[];
}

/**
 * It talks to receivers outside of this cloud, so it can do no more than read and send. It is root, because journals,
 * its secrets and systemd's answers are root's, but without any capability: it reads only what belongs to root, can
 * change only its own folder, and does not reach Docker, whose socket is as good as all rights (systemd.exec(5)).
 */
const alarmRights = [
  'CapabilityBoundingSet=',
  'NoNewPrivileges=yes',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'StateDirectory=haven-alarms',
  'StateDirectoryMode=0700',
  'InaccessiblePaths=-/run/docker.sock -/run/containerd',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
];

/**
 * It reads what strangers write, so it can do no more than read the journal and change the firewall. It is root, because
 * the journal is root's, with one capability, and sees neither data nor secrets (systemd.exec(5)).
 */
const fail2banRights = [
  'CapabilityBoundingSet=CAP_NET_ADMIN',
  'NoNewPrivileges=yes',
  'ProtectSystem=strict',
  'ProtectHome=yes',
  'PrivateTmp=yes',
  'StateDirectory=fail2ban',
  'InaccessiblePaths=-/srv/haven -/var/lib/docker -/var/lib/haven-alarms -/var/lib/haven-backups -/run/haven -/run/docker.sock -/run/containerd',
  'RestrictAddressFamilies=AF_UNIX AF_NETLINK',
];

/** What all jails share (fail2ban.conf, jail.conf); those of services are `agent/effects/bans.ts`. Debian's own is for SSH. */
const fail2banFiles: ServerFile[] = [
  {
    path: `${fail2banFolder}/fail2ban.local`,
    // Bans are remembered for a week, so that the next one of the same address is longer.
    text: `${written}\n[DEFAULT]\nloglevel = NOTICE\nlogtarget = SYSOUT\nallowipv6 = true\ndbpurgeage = 7d\n`,
  },
  { path: `${fail2banFolder}/${banActionFile}`, text: renderBanAction() },
  {
    path: '/etc/systemd/system/fail2ban.service.d/haven.conf',
    text: `${written}\n[Unit]\nAfter=haven-maintenance.service\n[Service]\nRestartSec=5s\n${fail2banRights.join('\n')}\n`,
    apply: ['systemctl', 'daemon-reload'],
  },
];

/** A oneshot unit has no time limit by default (systemd.service(5), TimeoutStartSec), so each has one of its own. */
export function serverFiles({ volume }: { volume: Volume | null }): ServerFile[] {
  const systemd = (name: string, lines: string[]): ServerFile => ({
    path: `/etc/systemd/system/${name}`,
    text: `${written}\n${lines.join('\n')}\n`,
    apply: ['systemctl', 'daemon-reload'],
  });
  return [
    { path: agentFiles.start, text: renderStart(agentFiles) },
    {
      path: agentCommand,
      text: `#!/bin/sh\nexec /usr/bin/node ${agentFiles.start} "$@"\n`,
      mode: 0o755,
    },
    {
      path: '/etc/docker/daemon.json',
      // Without the userland proxy, a connection to a published port keeps its source address, so that the trial's
      // firewall sees who connects. With live-restore, containers keep running through an upgrade of Docker.
      text: `${JSON.stringify(
        {
          'live-restore': true,
          'userland-proxy': false,
          'log-driver': 'json-file',
          'log-opts': { 'max-size': '10m', 'max-file': '3' },
          'no-new-privileges': true,
          // Each service has a network of its own and one for each service that it depends on. Docker's own pools are
          // enough for 31 networks; these are for 2,048 of up to 61 containers. Not 172.17.0.0/16: where Docker ran
          // before it was set up, its own bridge has taken all of that.
          'default-address-pools': [{ base: '172.18.0.0/15', size: 26 }],
        },
        null,
        2,
      )}\n`,
      apply: ['systemctl', 'restart', 'docker.service'],
    },
    ...(volume
      ? [
          systemd('haven-volume.service', [
            '[Unit]',
            'Description=The data of this haven',
            'DefaultDependencies=no',
            'After=local-fs.target',
            'Before=haven-maintenance.service docker.service',
            '[Service]',
            'Type=oneshot',
            'RemainAfterExit=yes',
            `ExecStart=${agentCommand} mount-volume ${volume.device} ${volume.uuid}`,
            'TimeoutStartSec=90',
            '[Install]',
            'WantedBy=multi-user.target',
          ]),
        ]
      : []),
    systemd('haven-maintenance.service', [
      '[Unit]',
      'Description=Put services that are being changed into maintenance',
      'DefaultDependencies=no',
      `After=local-fs.target${volume ? ' haven-volume.service' : ''}`,
      ...(volume ? ['Requires=haven-volume.service'] : []),
      'Before=docker.socket docker.service network-pre.target',
      'Wants=network-pre.target',
      '[Service]',
      'Type=oneshot',
      'RemainAfterExit=yes',
      `ExecStart=${agentCommand} maintenance`,
      'TimeoutStartSec=5min',
      '[Install]',
      'WantedBy=multi-user.target',
    ]),
    // No container starts on a server whose volume is not mounted, or before the services in maintenance are known.
    {
      path: '/etc/systemd/system/docker.service.d/haven.conf',
      text: `${written}\n[Unit]\nRequires=haven-maintenance.service\nAfter=haven-maintenance.service\n[Service]\nRestart=always\nRestartSec=1s\n# Failed logins are counted in the journal, so no flood of lines may hide one.\nLogRateLimitIntervalSec=0\n`,
      apply: ['systemctl', 'daemon-reload'],
    },
    systemd('haven-recover.service', [
      '[Unit]',
      'Description=End interrupted transactions',
      'After=docker.service network-online.target',
      'Wants=docker.service',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} recover`,
      // Operations run in units of their own. This one tells the reverse proxy, and may wait for others that do.
      'TimeoutStartSec=15min',
      '[Install]',
      'WantedBy=multi-user.target',
    ]),
    systemd('haven-recover.timer', [
      '[Unit]',
      'Description=Look for interrupted transactions',
      '[Timer]',
      'OnBootSec=1min',
      'OnUnitInactiveSec=1min',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    systemd('haven-users.service', [
      '[Unit]',
      'Description=Apply disabled and enabled users everywhere',
      'After=docker.service',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} user-mirror`,
      // Each service's hooks may take 5 minutes.
      'TimeoutStartSec=30min',
      // Logs changes only, not three lines every few seconds.
      'LogLevelMax=notice',
    ]),
    systemd('haven-users.timer', [
      '[Unit]',
      'Description=Look for disabled and enabled users',
      '[Timer]',
      'OnBootSec=30s',
      'OnUnitInactiveSec=10s',
      'AccuracySec=1s',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    systemd('haven-status.service', [
      '[Unit]',
      'Description=Check every service',
      'After=docker.service',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} status-write`,
      'TimeoutStartSec=5min',
      'StandardOutput=null',
      'LogLevelMax=notice',
    ]),
    systemd('haven-status.timer', [
      '[Unit]',
      'Description=Check every service, each minute',
      '[Timer]',
      'OnBootSec=20s',
      'OnUnitActiveSec=1min',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    systemd('haven-alarms.service', [
      '[Unit]',
      'Description=Tell the owner what is wrong',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} alarm-run`,
      'TimeoutStartSec=3min',
      'StandardOutput=null',
      'LogLevelMax=notice',
      ...alarmRights,
    ]),
    systemd('haven-alarms.timer', [
      '[Unit]',
      'Description=Look for what the owner should know, each minute',
      '[Timer]',
      'OnBootSec=1min',
      'OnUnitActiveSec=1min',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    systemd('haven-mail-way.service', [
      '[Unit]',
      'Description=Find out how email can leave',
      'After=docker.service network-online.target',
      // Only where a service sends email.
      'ConditionPathExists=/srv/haven/services/mail/current',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} mail-way`,
      'TimeoutStartSec=5min',
      'StandardOutput=null',
      'LogLevelMax=notice',
    ]),
    systemd('haven-mail-way.timer', [
      '[Unit]',
      'Description=Look whether it is time to find out how email can leave',
      '[Timer]',
      'OnBootSec=2min',
      'OnUnitInactiveSec=5min',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    systemd('haven-backup.service', [
      '[Unit]',
      'Description=Back up every service',
      'After=docker.service',
      // Where no backups are set up, there is nothing to do.
      'ConditionPathExists=/var/lib/haven-backups/order.json',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} backup-nightly`,
      'TimeoutStartSec=6h',
    ]),
    systemd('haven-backup.timer', [
      '[Unit]',
      'Description=Back up every service, each night',
      '[Timer]',
      // The owner's time is in haven-backup.timer.d (agent/backups/nightly-time.ts).
      'OnCalendar=*-*-* 03:30:00',
      'RandomizedDelaySec=5min',
      // A server that was off makes up for it.
      'Persistent=true',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    systemd('haven-backup-upload.service', [
      '[Unit]',
      'Description=Send the backups that wait',
      'After=docker.service network-online.target',
      'ConditionDirectoryNotEmpty=/srv/haven/backups/queue',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} backup-upload`,
      'TimeoutStartSec=12h',
      // Services come first.
      'Nice=10',
      'IOSchedulingClass=idle',
      'CPUWeight=20',
      'MemoryHigh=1G',
      'MemoryMax=2G',
      // What it mounts is seen by nothing else, and goes with it.
      'PrivateMounts=yes',
      'StandardOutput=null',
    ]),
    systemd('haven-backup-upload.timer', [
      '[Unit]',
      'Description=Send the backups that wait, each hour',
      '[Timer]',
      'OnCalendar=hourly',
      'RandomizedDelaySec=10min',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    systemd('haven-certificates.service', [
      '[Unit]',
      'Description=Renew certificates that are due',
      '[Service]',
      'Type=oneshot',
      `ExecStart=${agentCommand} certificate-renew`,
      // Each certificate may take 3 minutes.
      'TimeoutStartSec=1h',
    ]),
    systemd('haven-certificates.timer', [
      '[Unit]',
      'Description=Look for certificates that are due',
      '[Timer]',
      'OnBootSec=10min',
      'OnUnitActiveSec=6h',
      'RandomizedDelaySec=30min',
      '[Install]',
      'WantedBy=timers.target',
    ]),
    {
      path: '/etc/ssh/sshd_config.d/10-haven.conf',
      text: `${written}\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin no\nX11Forwarding no\nAllowAgentForwarding no\nAllowTcpForwarding no\nMaxAuthTries 3\n`,
      apply: ['systemctl', 'reload', 'ssh.service'],
    },
    ...fail2banFiles,
    {
      path: '/etc/apt/apt.conf.d/52haven-upgrades',
      text:
        '// Written by the haven agent: security updates are installed automatically; the server reboots at night when an update requires it.\n' +
        'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n' +
        'Unattended-Upgrade::Automatic-Reboot "true";\nUnattended-Upgrade::Automatic-Reboot-Time "05:30";\n',
    },
    {
      path: '/etc/systemd/journald.conf.d/haven.conf',
      text: `${written}\n[Journal]\nStorage=persistent\nSystemMaxUse=500M\nMaxRetentionSec=1month\n`,
      apply: ['systemctl', 'restart', 'systemd-journald.service'],
    },
    {
      path: kernelFile,
      text: `${written}\n${Object.entries(kernelSettings)
        .map(([name, value]) => `${name} = ${value}\n`)
        .join('')}`,
      apply: loadKernelSettings,
    },
  ];
}
