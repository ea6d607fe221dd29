import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../system/project-root.ts';
import { tryRun } from '../../system/run.ts';
import { scratch } from '../support/scratch.ts';

/** Where none of the programs that make new data are, so that a start ends there. */
const withoutPrograms = '/usr/bin:/bin';

for (const { image, data, variables } of [
  { image: 'postgres', data: 'pgdata', variables: { POSTGRES_DB: 'ledger', POSTGRES_PASSWORD_FILE: '/x' } },
  { image: 'openldap', data: 'db', variables: { LDAP_SUFFIX: 'dc=haven' } },
])
  test(`${image} moves data without the mark of a completed first start aside, and deletes nothing`, async () => {
    const folder = scratch(image);
    mkdirSync(join(folder, data));
    writeFileSync(join(folder, data, 'kept'), 'rows');
    const script = readFileSync(join(projectRoot, 'images', image, 'start'), 'utf8');
    const env = { PATH: withoutPrograms, PGDATA: join(folder, data), ...variables };
    const { stderr } = await tryRun('bash', ['-c', script.replaceAll('/data', folder)], { env });
    const [aside = ''] = readdirSync(folder).filter((name) => name !== data);
    assert.match(aside, new RegExp(`^${data}\\.before-\\d{8}T\\d{6}Z$`));
    assert.equal(readFileSync(join(folder, aside, 'kept'), 'utf8'), 'rows');
    assert.match(stderr, new RegExp(`has no file haven-ready.* moved to ${join(folder, aside)}`));
  });
