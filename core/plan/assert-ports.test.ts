import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleCatalogue } from '../../test/support/example-plan.ts';
import { authProxy } from '../release/auth-proxy.ts';
import { loopbackPort } from '../release/render-release.ts';
import type { ServiceDefinition } from '../service.ts';
import { assertPortsAreFree } from './assert-ports.ts';

const website = exampleCatalogue.get('website')!.definition;
/** A service that can be protected, with an id for which a port is the same as the website's. */
function serviceWhere(name: string, isPortOf: (service: ServiceDefinition) => number): ServiceDefinition {
  for (let n = 0; ; n++) {
    const service = { ...website, id: `service-${n}` };
    if (loopbackPort(service, name) === isPortOf(website)) return service;
  }
}

test('accepts the services of the example', () => {
  assertPortsAreFree([...exampleCatalogue.values()].map(({ definition }) => definition));
});

test('names two services that would listen on the same port, an auth proxy too, before one is protected', () => {
  const http = (service: ServiceDefinition) => loopbackPort(service, 'http');
  for (const name of ['http', authProxy]) {
    const other = serviceWhere(name, http);
    assert.throws(
      () => assertPortsAreFree([website, other]),
      new RegExp(`^Error: ${other.id}/${name} and website/http would both listen on 127\\.0\\.0\\.1:`),
    );
  }
});

test('ports of optional parts count before they are on', () => {
  const tcp = [{ public: 995, port: 'pop3s', reason: 'Email.' }];
  const optional = { older: { tcp, ports: { pop3s: 995 } } };
  const [one, other] = ['one', 'other'].map((id) => ({ ...website, id, optional }));
  assert.throws(() => assertPortsAreFree([one!, other!]), /other\/pop3s and one\/pop3s .* tcp port 995/);
});
