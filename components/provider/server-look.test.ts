import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unanswered } from './agent-link.ts';
import { ServerLooks } from './server-look.ts';

function server(host = '198.51.100.7') {
  let release = 'a';
  let asked = 0;
  const service = () => ({ service: 'website', release });
  return {
    deploy: (hash: string) => {
      release = hash;
    },
    asked: () => asked,
    link: {
      host,
      look: async <T>(command: string[]) => {
        assert.deepEqual(command, ['look']);
        asked += 1;
        return { services: [service()], certificates: [{ name: 'www.example.org' }] } as T;
      },
    },
  };
}

test('a server is asked once for everything that a run of the engine reads, also side by side', async () => {
  const looks = new ServerLooks();
  const { link, asked } = server();
  const [website, ledger, certificate] = await Promise.all([
    looks.service(link, 'website'),
    looks.service(link, 'ledger'),
    looks.certificate(link, 'www.example.org'),
  ]);
  assert.equal(website?.release, 'a');
  assert.equal(ledger, undefined, 'what is not on the server is not there');
  assert.equal(certificate?.name, 'www.example.org');
  assert.equal(asked(), 1);
});

test('after a change the server is asked again', async () => {
  const looks = new ServerLooks();
  const { link, deploy, asked } = server();
  await looks.service(link, 'website');
  deploy('b');
  looks.forget();
  assert.equal((await looks.service(link, 'website'))?.release, 'b');
  assert.equal(asked(), 2);
});

test('what is asked ahead serves the next run of the engine, and no later one', async () => {
  const looks = new ServerLooks();
  const { link, deploy, asked } = server();
  looks.askAhead(link);
  looks.begin();
  deploy('b');
  assert.equal((await looks.service(link, 'website'))?.release, 'a');
  assert.equal(asked(), 1);
  looks.begin();
  assert.equal((await looks.service(link, 'website'))?.release, 'b');
  looks.askAhead(link);
  deploy('c');
  looks.forget();
  looks.begin();
  assert.equal((await looks.service(link, 'website'))?.release, 'c', 'something changed in between');
});

test('each server is asked for itself', async () => {
  const looks = new ServerLooks();
  const [one, other] = [server('198.51.100.7'), server('198.51.100.8')];
  other.deploy('b');
  assert.equal((await looks.service(one.link, 'website'))?.release, 'a');
  assert.equal((await looks.service(other.link, 'website'))?.release, 'b');
});

test('a server that does not answer is not answered for, and all who asked are told', async () => {
  const looks = new ServerLooks();
  const silent = { host: '198.51.100.7', look: () => Promise.reject(new Error('no route')) };
  const both = await Promise.allSettled([
    looks.service(silent, 'website'),
    looks.certificate(silent, 'www.example.org'),
  ]);
  assert.deepEqual(
    both.map((each) => each.status),
    ['rejected', 'rejected'],
  );
});

test("what is not known of the server's set-up is never answered as nothing", async () => {
  const setUp = (server?: object) =>
    new ServerLooks().setUp({
      host: '198.51.100.7',
      look: async <T>() => ({ services: [], certificates: [], ...(server ? { server } : {}) }) as T,
    });
  const isUnanswered = (why: RegExp) => (error: unknown) =>
    error instanceof Unanswered && why.test(error.message);
  await assert.rejects(setUp(), isUnanswered(/the agent on the server is an older one/));
  await assert.rejects(setUp({ unread: 'nft: not found' }), isUnanswered(/nft: not found/));
  assert.deepEqual(await setUp({ differs: ['docker.service (failed)'] }), ['docker.service (failed)']);
});
