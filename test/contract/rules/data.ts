import { trustFile } from '../../../core/release/compose.ts';
import { toEnvName } from '../../../core/release/release.ts';
import { mountsPath } from '../mounted-files.ts';
import { each, type Rule } from '../rule.ts';

/** Folders of the server that the agent writes and these services show. */
const sharedFolders = (id: string, source: string): boolean =>
  id === 'reverse-proxy'
    ? source.startsWith('/srv/haven/')
    : [trustFile, '/srv/haven/status', maintenanceFolder, dnsRootFolder, loginKeysFolder].includes(source);

/** The addresses and the key of the DNS root, from a package of the server (core/server-packages.ts). */
const dnsRootFolder = '/usr/share/dns';

/** The login's public keys for tokens that open mail (agent/effects/login-keys.ts). */
const loginKeysFolder = '/srv/haven/login-keys/mail';

/** Has a file for each service in maintenance: a program that must wait for the end of a trial looks for its own. */
const maintenanceFolder = '/srv/haven/reverse-proxy/states/maintenance';

export const dataRules: Rule[] = [
  {
    id: 'data-is-named',
    check: ({ id, containers }) =>
      each(
        containers.flatMap(({ name, mounts }) => mounts.map((mount) => ({ name, ...mount }))),
        ({ source, readOnly }) =>
          !source.endsWith('docker.sock') &&
          !/^\$\{DATA_[A-Z0-9_]+\}$/.test(source) &&
          source !== './files' &&
          !source.startsWith('./files/') &&
          !(readOnly && (sharedFolders(id, source) || /^\$\{CERTIFICATE_[A-Z0-9_]+\}$/.test(source))),
        ({ name, source }) =>
          `Container "${name}" mounts "${source}". Mount \${DATA_<NAME>} or ./files/..., and name the data in service.ts.`,
      ),
  },
  {
    id: 'data-is-mounted',
    check: ({ containers, definition }) =>
      each(
        Object.keys(definition.data ?? {}).map((name) => ({ name, variable: `\${DATA_${toEnvName(name)}}` })),
        ({ variable }) => !containers.some(({ mounts }) => mounts.some(({ source }) => source === variable)),
        ({ name, variable }) =>
          `service.ts names the data "${name}", and no container mounts it. Add "${variable}:<path in the container>" to the volumes of one, or remove it from service.ts.`,
      ),
  },
  {
    id: 'file-is-mounted',
    check: ({ containers, files }) =>
      each(
        Object.keys(files).map((path) => `files/${path}`),
        (path) => !containers.some((container) => mountsPath(container, path)),
        (path) =>
          `No container mounts ${path}. Add "./${path}:<path in the container>:ro" to the volumes of one, or delete the file.`,
      ),
  },
];
