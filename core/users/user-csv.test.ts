import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUserCsv } from './user-csv.ts';

const head = 'name,givenName,surname,groups\n';

test('reports every invalid row of ten thousand, with its line number', () => {
  const lines = Array.from({ length: 10_000 }, (_, n) => {
    if (n % 1000 === 10) return `Per Son${n},Per,Son,`;
    if (n % 1000 === 20) return `user${n},,Son,board`;
    if (n % 1000 === 30) return `user${n - 1},Per,Son,`;
    if (n % 1000 === 40) return `user${n},Per,Son,Bad!Group`;
    return `user${n},Per,Son,board choir`;
  });
  const began = performance.now();
  const { users, problems } = parseUserCsv(`${head}${lines.join('\n')}\n`, 'users.csv', new Set(['user7']));
  assert.ok(performance.now() - began < 5000, 'in seconds');
  assert.equal(problems.length, 41);
  const where = problems.map((each) => Number(/:(\d+)$/.exec(each.where)?.[1]));
  assert.deepEqual(
    where,
    where.toSorted((a, b) => a - b),
    'in the order of the file',
  );
  assert.equal(where[0], 9, 'line 9 has a name that exists');
  for (const at of [12, 22, 32, 42]) assert.ok(where.includes(at), `line ${at}`);
  assert.ok(problems.every((each) => each.remedy));
  assert.ok(users.length < 10_000);
});

test('refuses a file that is not CSV, has no users or lacks a column', () => {
  const wrong = (text: string) => parseUserCsv(text, 'users.csv').problems.map((each) => each.what);
  assert.match(wrong(`${head}ada,"Ada,Love`)[0]!, /is not a CSV file/);
  assert.deepEqual(wrong(head), ['has no users.']);
  assert.match(wrong('name,surname\nada,Lovelace\n')[0]!, /has no column "givenName"/);
});

test('reads semicolons, a byte order mark and Windows line ends, as spreadsheets write them', () => {
  const { users, problems } = parseUserCsv(
    '\uFEFFname;givenName;surname;groups\r\nada;Ada;Lovelace;admins board\r\n',
    'p.csv',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(users, [
    { name: 'ada', givenName: 'Ada', surname: 'Lovelace', groups: ['admins', 'board'] },
  ]);
});

test('reads the address for an invitation from its own optional column', () => {
  const { users, letters, problems } = parseUserCsv(
    'name,givenName,surname,sendTo\nada,Ada,Lovelace,ada@example.org\ncharles,Charles,Babbage,\nmary,Mary,Shelley,mary\n',
    'p.csv',
  );
  assert.equal(users.length, 3);
  assert.deepEqual(letters, [{ name: 'ada', sendTo: 'ada@example.org' }]);
  assert.deepEqual(
    problems.map(({ where, what }) => `${where} ${what}`),
    ['p.csv:4 sendTo "mary" is not an email address.'],
  );
});
