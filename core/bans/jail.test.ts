import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderBanAction, renderFilter, renderJail } from './jail.ts';

const lines = [{ container: 'app', pattern: '^login from {address} failed$' }];

test('a filter reads whole lines of the container alone, and counts IPv6 by network', () => {
  assert.deepEqual(renderFilter('notes', lines).split('\n').slice(1), [
    '[Definition]',
    String.raw`failregex = ^\S+ haven/notes/app/64(?:\[\d+\])?: login from <IP4> failed$`,
    String.raw`            ^\S+ haven/notes/app/<CIDR>(?:\[\d+\])?: login from <IP6> failed$`,
    'ignoreregex =',
    '',
  ]);
});

test('a jail reads only what Docker wrote of the container, and never bans the server itself', () => {
  const text = renderJail('notes', [...lines, ...lines, { ...lines[0]!, container: 'imap' }]);
  assert.match(text, /^\[haven-notes\]$/m);
  assert.match(
    text,
    /^journalmatch = _SYSTEMD_UNIT=docker\.service CONTAINER_TAG=haven\/notes\/app\/64 \+ _SYSTEMD_UNIT=docker\.service CONTAINER_TAG=haven\/notes\/imap\/64$/m,
  );
  assert.match(
    text,
    /^ignoreip = 127\.0\.0\.0\/8 ::1 ::\/64 172\.17\.0\.0\/16 172\.18\.0\.0\/15 172\.30\.0\.0\/16$/m,
  );
  assert.match(text, /^maxretry = 30\nfindtime = 600\nbantime = 600$/m);
  assert.match(text, /^action = haven-ban\[service=notes\]$/m);
});

test('a ban is an element with a time limit of its own, in the set of its service and family', () => {
  const text = renderBanAction();
  assert.match(
    text,
    /^actionban = nft 'add element inet haven_bans v<family>-<service> \{ <ip> timeout <bantime>s \}; /m,
  );
  assert.match(text, /^\[Init\]\nfamily = 4\n\[Init\?family=inet6\]\nfamily = 6$/m);
});
