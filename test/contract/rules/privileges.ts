import { mainContainer } from '../../../core/release/main-container.ts';
import { each, type Rule, unless } from '../rule.ts';

/** A container may do as little as possible. */
export const privilegeRules: Rule[] = [
  {
    id: 'not-privileged',
    check: ({ containers }) =>
      each(
        containers,
        ({ privileged }) => privileged,
        ({ name }) =>
          `Container "${name}" is privileged. Remove that, and add single capabilities with cap_add.`,
      ),
  },
  {
    id: 'own-processes',
    check: ({ containers }) =>
      each(
        containers,
        ({ pid }) => pid === 'host',
        ({ name }) => `Container "${name}" sees the processes of the host. Remove "pid: host".`,
      ),
  },
  {
    id: 'no-docker-socket',
    check: ({ containers }) =>
      each(
        containers,
        ({ mounts }) => mounts.some(({ source }) => source.endsWith('docker.sock')),
        ({ name }) =>
          `Container "${name}" mounts Docker's socket, which makes it root on the server. Remove it.`,
      ),
  },
  {
    id: 'drops-capabilities',
    check: ({ containers }) =>
      each(
        containers,
        ({ capDrop }) => capDrop.join() !== 'ALL',
        ({ name }) => `Container "${name}" needs "cap_drop: [ALL]", and cap_add for what it must have.`,
      ),
  },
  {
    id: 'main-container-is-first',
    check: ({ compose, containers }) =>
      unless(
        firstContainer(compose) === containers[0]?.name,
        'The first container of compose.yaml is not found. Write "services:" and then the main container, indented.',
      ),
  },
];

function firstContainer(compose: string): string | undefined {
  try {
    return mainContainer(compose);
  } catch {
    return undefined;
  }
}
