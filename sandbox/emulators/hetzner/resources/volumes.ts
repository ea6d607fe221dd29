import { z } from 'zod';
import { beginAction, waitForServer } from '../project/begin-action.ts';
import { assertNameIsFree, type Project } from '../project/project.ts';
import type { Action, Server, Volume } from '../project/state.ts';
import { created, noContent } from '../protocol/answers.ts';
import { id, labels, parseBody } from '../protocol/body.ts';
import { ApiError, invalid } from '../protocol/errors.ts';
import { findLocation, shownLocation } from './catalogue.ts';
import { changeProtection } from './protection.ts';
import { type Resource, updateNameAndLabels } from './resource.ts';

const creation = z.strictObject({
  name: z.string().min(1),
  /** In GB. */
  size: z.number().int().min(10).max(10240),
  location: z.string().optional(),
  server: id.optional(),
  automount: z.boolean().optional(),
  format: z.enum(['xfs', 'ext4']).optional(),
  labels,
});
const attachment = z.strictObject({ server: id, automount: z.boolean().optional() });

/** `/volumes`: block devices that outlive the server that they are attached to. */
export const volumes: Resource<Volume> = {
  singular: 'volume',
  all: (state) => state.volumes,
  create(project, given) {
    const wish = parseBody(creation, given);
    assertNameIsFree(project.state.volumes, 'volume', wish.name);
    const server = wish.server === undefined ? undefined : project.server(wish.server);
    if (!server && wish.location === undefined) throw invalid('location', 'give a location or a server');
    const volume: Volume = {
      ...project.newThing(wish),
      size: wish.size,
      location: server?.location ?? findLocation(wish.location),
      server: null,
      status: 'available',
      format: wish.format ?? null,
      protection: { delete: false },
    };
    project.state.volumes.push(volume);
    const action = begin(project, volume, 'create_volume', () =>
      project.dataCentre.createVolume(volume.id, volume.size),
    );
    const next_actions = server ? [attach(project, volume, server)] : [];
    return created({ volume: volumes.show(project, volume), action, next_actions });
  },
  update: ({ state }, volume, wish) => updateNameAndLabels(state.volumes, 'volume', volume, wish),
  async delete({ state, dataCentre }, volume) {
    if (volume.server !== null)
      throw new ApiError(422, 'resource_in_use', 'the volume is attached to a server');
    state.volumes = state.volumes.filter((each) => each !== volume);
    await dataCentre.deleteVolume(volume.id);
    return noContent();
  },
  show(_project, volume) {
    const linux_device = `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`;
    return { ...volume, location: shownLocation(volume.location), linux_device };
  },
  actions: {
    change_protection: (project, volume, body) => changeProtection(project, 'volume', volume, body),
    attach: (project, volume, body) =>
      created({ action: attach(project, volume, project.server(parseBody(attachment, body).server)) }),
    detach(project, volume) {
      const { server } = volume;
      if (server === null)
        throw new ApiError(422, 'invalid_input', 'the volume is not attached', { fields: [] });
      const action = begin(project, volume, 'detach', async () => {
        await project.dataCentre.detachVolume(server, volume.id);
        volume.server = null;
      });
      return created({ action });
    },
    resize(project, volume, body) {
      const { size } = parseBody(z.strictObject({ size: z.number().int() }), body);
      if (size <= volume.size) throw invalid('size', 'a volume can only grow');
      volume.size = size;
      const work = () => project.dataCentre.resizeVolume(volume.id, size);
      return created({ action: begin(project, volume, 'resize', work) });
    },
  },
};

const begin = (project: Project, volume: Volume, command: string, work: () => Promise<void>) =>
  beginAction(project, command, [{ id: volume.id, type: 'volume' }], work);

function attach(project: Project, volume: Volume, server: Server): Action {
  if (volume.server !== null)
    throw new ApiError(422, 'volume_already_attached', 'the volume is already attached');
  if (volume.location !== server.location)
    throw invalid('server', `the volume is in ${volume.location}, the server in ${server.location}`);
  volume.server = server.id;
  const resources = [
    { id: volume.id, type: 'volume' },
    { id: server.id, type: 'server' },
  ];
  return beginAction(project, 'attach_volume', resources, async () => {
    await waitForServer(project, server.id);
    await project.dataCentre.attachVolume(server.id, volume.id);
  });
}
