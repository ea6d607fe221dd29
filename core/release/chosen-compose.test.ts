import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { chosenCompose } from './chosen-compose.ts';

const text = `services:
  # Keeps notes.
  notes:
    image: \${IMAGE_NOTES}
    ports: ["127.0.0.1:\${PORT_SYNC}:9000", "127.0.0.1:\${PORT_FAX}:9001"]
    volumes: ["\${DATA_INDEX}:/index"]
  search:
    profiles: [search]
    image: \${IMAGE_SEARCH}
    volumes: ["\${DATA_INDEX}:/index"]
`;
const optional = {
  faxes: { ports: { fax: 9001 } },
  search: { data: { index: { rollback: 'never' as const, uid: 9010, quotaGb: 2 } }, memoryMb: 64 },
};
const chosen = (options: Record<string, unknown>) => chosenCompose(text, { optional }, options);

test('what belongs to a part that is off is not in the compose file', () => {
  const off = chosen({});
  assert.deepEqual(parse(off).services, {
    notes: { image: '${IMAGE_NOTES}', ports: ['127.0.0.1:${PORT_SYNC}:9000'] },
  });
  assert.match(off, /# Keeps notes\./);
});

test('a container of a part that is on starts without naming a profile', () => {
  const { services } = parse(chosen({ search: true }));
  assert.deepEqual(services.search, { image: '${IMAGE_SEARCH}', volumes: ['${DATA_INDEX}:/index'] });
  assert.deepEqual(services.notes.volumes, ['${DATA_INDEX}:/index']);
  assert.deepEqual(services.notes.ports, ['127.0.0.1:${PORT_SYNC}:9000']);
  assert.equal(parse(chosen({ faxes: true })).services.notes.ports.length, 2);
});

test('the file of a service without optional parts stays as its author wrote it', () => {
  assert.equal(chosenCompose(text, {}, {}), text);
});
