import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHetzner, smallServer } from '../../../../test/support/hetzner-client.ts';
import { StubDataCentre } from '../project/stub-data-centre.ts';

test('a volume made for a server is attached after the server has been created', async (t) => {
  // The server is not ready before the volume has been made, however busy the machine is.
  let sayMade = (): void => undefined;
  const volumeMade = new Promise<void>((resolve) => {
    sayMade = resolve;
  });
  class Slow extends StubDataCentre {
    override async createServer(server: { id: number }): Promise<void> {
      await volumeMade;
      await super.createServer(server);
    }
    override async createVolume(id: number, sizeGb: number): Promise<void> {
      await super.createVolume(id, sizeGb);
      sayMade();
    }
  }
  const { ask, settle, orders } = await openHetzner(t, { dataCentre: new Slow() });
  const { server } = (await ask('POST', '/servers', smallServer)).body;
  const { volume } = (await settle('POST', '/volumes', { name: 'data', size: 10, server: server.id })).body;
  assert.equal(volume.linux_device, `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`);
  assert.deepEqual(orders, [
    `createVolume ${volume.id} 10`,
    `createServer ${server.id}`,
    `attachVolume ${server.id} ${volume.id}`,
  ]);
  assert.deepEqual((await ask('GET', `/servers/${server.id}`)).body.server.volumes, [volume.id]);
});

test('an attached volume is neither deleted nor attached again; a detached one is deleted', async (t) => {
  const { ask, settle, orders } = await openHetzner(t);
  const { server } = (await settle('POST', '/servers', smallServer)).body;
  const { id } = (await settle('POST', '/volumes', { name: 'data', size: 10, server: server.id })).body
    .volume;
  assert.equal((await ask('DELETE', `/volumes/${id}`)).body.error.code, 'resource_in_use');
  const attach = await ask('POST', `/volumes/${id}/actions/attach`, { server: server.id });
  assert.equal(attach.body.error.code, 'volume_already_attached');
  await settle('POST', `/volumes/${id}/actions/detach`);
  assert.equal((await ask('POST', `/volumes/${id}/actions/detach`)).status, 422, 'it is not attached');
  await settle('POST', `/volumes/${id}/actions/attach`, { server: server.id });
  await settle('POST', `/volumes/${id}/actions/detach`);
  assert.equal((await ask('DELETE', `/volumes/${id}`)).status, 204);
  assert.equal(orders.at(-1), `deleteVolume ${id}`);
});

test('a volume needs a place, and a server in the same one', async (t) => {
  const { ask, settle } = await openHetzner(t);
  assert.equal((await ask('POST', '/volumes', { name: 'nowhere', size: 10 })).status, 422);
  const { server } = (await settle('POST', '/servers', smallServer)).body;
  const { volume } = (await settle('POST', '/volumes', { name: 'far', size: 10, location: 'hel1' })).body;
  const attach = await ask('POST', `/volumes/${volume.id}/actions/attach`, { server: server.id });
  assert.deepEqual(attach.body.error.details, {
    fields: [{ name: 'server', messages: ['the volume is in hel1, the server in fsn1'] }],
  });
});

test('a volume has at least 10 GB and only grows', async (t) => {
  const { ask, settle, orders } = await openHetzner(t);
  assert.equal((await ask('POST', '/volumes', { name: 'small', size: 9, location: 'fsn1' })).status, 422);
  const { id } = (await settle('POST', '/volumes', { name: 'data', size: 20, location: 'fsn1' })).body.volume;
  assert.equal((await ask('POST', `/volumes/${id}/actions/resize`, { size: 20 })).status, 422);
  await settle('POST', `/volumes/${id}/actions/resize`, { size: 30 });
  assert.equal(orders.at(-1), `resizeVolume ${id} 30`);
  assert.equal((await ask('GET', `/volumes/${id}`)).body.volume.size, 30);
});

test('a protected volume is not deleted', async (t) => {
  const { ask, settle } = await openHetzner(t);
  const { id } = (await settle('POST', '/volumes', { name: 'data', size: 10, location: 'fsn1' })).body.volume;
  await settle('POST', `/volumes/${id}/actions/change_protection`, { delete: true });
  assert.equal((await ask('DELETE', `/volumes/${id}`)).body.error.code, 'protected');
  await settle('POST', `/volumes/${id}/actions/change_protection`, { delete: false });
  assert.equal((await ask('DELETE', `/volumes/${id}`)).status, 204);
});
