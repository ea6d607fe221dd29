import { join } from 'node:path';

/**
 * Where everything is on the server: one volume, plain directories, easy to find without `haven`. `root` is
 * /srv/haven, except in tests.
 */
export class Layout {
  readonly root: string;
  /** In memory: empty after a boot. */
  readonly run: string;
  constructor(root = process.env.HAVEN_ROOT ?? '/srv/haven', run = '/run/haven') {
    this.root = root;
    this.run = run;
  }

  get services(): string {
    return join(this.root, 'services');
  }
  service(id: string): string {
    return join(this.services, id);
  }
  releases(id: string): string {
    return join(this.service(id), 'releases');
  }
  release(id: string, hash: string): string {
    return join(this.releases(id), hash);
  }
  current(id: string): string {
    return join(this.service(id), 'current');
  }
  data(id: string, name: string): string {
    return join(this.service(id), 'data', name);
  }
  snapshots(id: string): string {
    return join(this.service(id), 'snapshots');
  }
  snapshot(id: string, op: string, name: string): string {
    return join(this.snapshots(id), op, name);
  }
  /** What a restore brings from a backup, until it is in its place. */
  fetched(id: string): string {
    return join(this.service(id), 'fetched');
  }
  /** The secrets from before a restore, until it is over. */
  keptSecrets(id: string): string {
    return join(this.secrets(id), '.before-restore');
  }
  journal(id: string): string {
    return join(this.root, 'journal', `${id}.jsonl`);
  }
  get journals(): string {
    return join(this.root, 'journal');
  }
  secrets(service: string): string {
    return join(this.root, 'secrets', service);
  }
  secret(service: string, name: string, generation: number): string {
    return join(this.secrets(service), `${name}.${generation}`);
  }
  /** A secret that several services have, in the folder of none. */
  sharedSecret(name: string, generation: number): string {
    return this.secret('.shared', name, generation);
  }
  /** A folder for each program that serves the certificate of its service's own name. */
  hostCertificate(service: string, program: string): string {
    return join(this.secrets(service), `host-certificate.${program}`);
  }
  /** Which certificate a service's programs have loaded. */
  loadedCertificate(service: string): string {
    return join(this.secrets(service), 'host-certificate.loaded');
  }
  /** Copies of the engine's state, encrypted by the owner. */
  get states(): string {
    return join(this.root, 'state');
  }
  /** The newest version of haven that has set this volume up. */
  get setUpBy(): string {
    return join(this.root, 'set-up-by');
  }
  /** The authorities that containers trust, as one file of certificates. */
  get trust(): string {
    return join(this.root, 'trust', 'roots.pem');
  }
  /** What the agent remembers of users: names, addresses, whether they are enabled, and what services were told. */
  get users(): string {
    return join(this.root, 'users');
  }
  /** What the agent last saw of each service, for the portal. */
  get status(): string {
    return join(this.root, 'status');
  }
  /**
   * How to reach the owner, and what they were told. On the server's own disk, so that a volume that can't be mounted
   * is told, too. systemd gives this folder to `haven-alarms.service` (StateDirectory=).
   */
  get alarms(): string {
    return process.env.HAVEN_ALARMS ?? '/var/lib/haven-alarms';
  }
  /** What waits to be backed up, what became of it, and the owner's sealed files. */
  get backups(): string {
    return join(this.root, 'backups');
  }
  get backupQueue(): string {
    return join(this.backups, 'queue');
  }
  get backupMemory(): string {
    return join(this.backups, 'memory.json');
  }
  /** Where backups go, and the values of their secrets. On the server's own disk, so that no backup has them. */
  get backupSettings(): string {
    return process.env.HAVEN_BACKUPS ?? '/var/lib/haven-backups';
  }
  /** What restic keeps of its repository, so that it does not have to download it. */
  get backupCache(): string {
    return process.env.HAVEN_BACKUP_CACHE ?? '/var/cache/haven-restic';
  }
  /** The folder whose content is one backup of a service. The same each time, by which restic finds the one before. */
  backupTree(service: string): string {
    return join(this.run, 'backup', service);
  }
  get certificates(): string {
    return join(this.root, 'certs');
  }
  /** The login's public keys, for programs that check its tokens themselves. */
  get loginKeys(): string {
    return join(this.root, 'login-keys');
  }
  get challenges(): string {
    return join(this.root, 'reverse-proxy', 'challenges');
  }
  get routes(): string {
    return join(this.root, 'reverse-proxy', 'routes');
  }
  /** Holds a file for each service that is closed in this way. Caddy looks for it with each request. */
  routeStates(state: 'maintenance' | 'stopped'): string {
    return join(this.root, 'reverse-proxy', 'states', state);
  }
  /** What the reverse proxy says that it has loaded. */
  get acknowledgedRoutes(): string {
    return join(this.root, 'reverse-proxy', 'acknowledged.json');
  }
  get tcpRoutes(): string {
    return join(this.root, 'reverse-proxy', 'tcp');
  }
  /** How email leaves, and what was tried. */
  get mailWay(): string {
    return join(this.root, 'mail-way.json');
  }
  /** Exists while the owner keeps a service stopped. */
  switchedOff(id: string): string {
    return join(this.service(id), 'switched-off');
  }
}
