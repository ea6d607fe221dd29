import { beginAction } from '../project/begin-action.ts';
import type { Project } from '../project/project.ts';
import type { Server } from '../project/state.ts';
import { created, ok } from '../protocol/answers.ts';
import { changeServerProtection } from './protection.ts';
import { type Resource, updateNameAndLabels } from './resource.ts';
import { changePointer } from './reverse-dns.ts';
import { createServer } from './server-creation.ts';
import { removeServer } from './server-removal.ts';
import { showServer } from './server-view.ts';

/** `/servers`. What is sold out or over a limit is decided in `../project/faults.ts`. */
export const servers: Resource<Server> = {
  singular: 'server',
  all: (state) => state.servers,
  create(project, body) {
    const { server, action, root_password } = createServer(project, body);
    const shown = showServer(project.state, server);
    return created({ server: shown, action, next_actions: [], root_password });
  },
  update: ({ state }, server, wish) => updateNameAndLabels(state.servers, 'server', server, wish),
  delete(project, server) {
    server.status = 'deleting';
    return ok({ action: begin(project, server, 'delete_server', () => removeServer(project, server.id)) });
  },
  show: ({ state }, server) => showServer(state, server),
  actions: {
    change_protection: changeServerProtection,
    change_dns_ptr(project, server, body) {
      const own = project.state.primary_ips.filter(({ id }) => [server.ipv4, server.ipv6].includes(id));
      return changePointer(project, { id: server.id, type: 'server' }, own, body);
    },
    poweron(project, server) {
      const action = begin(project, server, 'poweron', async () => {
        await project.dataCentre.powerOn(server.id);
        server.status = 'running';
        await project.enforce();
      });
      return created({ action });
    },
    poweroff(project, server) {
      const action = begin(project, server, 'poweroff', async () => {
        await project.dataCentre.powerOff(server.id);
        server.status = 'off';
      });
      return created({ action });
    },
    shutdown(project, server) {
      const action = begin(project, server, 'shutdown', async () => {
        await project.dataCentre.shutdown(server.id);
        server.status = 'off';
      });
      return created({ action });
    },
    reset: (project, server) => created({ action: reset(project, server, 'reset') }),
    reboot: (project, server) => created({ action: reset(project, server, 'reboot') }),
  },
};

const begin = (project: Project, server: Server, command: string, work: () => Promise<void>) =>
  beginAction(project, command, [{ id: server.id, type: 'server' }], work);

const reset = (project: Project, server: Server, command: string) =>
  begin(project, server, command, () => project.dataCentre.reset(server.id));
