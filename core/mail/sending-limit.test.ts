import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendersOverLimit, tooManyRecipients } from './sending-limit.ts';

/** As Debian 13's Postfix 3.10.13 writes it. */
const refusal = (from: string, reason: string) => ({
  at: '2026-11-29T22:59:29.000Z',
  text: `Nov 29 22:59:29 mail postfix/cleanup[322]: 4jd2f91jmVz6K: milter-reject: END-OF-MESSAGE from unknown[198.51.100.186]: ${reason}; from=<${from}> to=<friend@elsewhere.example> proto=ESMTP helo=<visitor.example>`,
});

test('users who reached the limit, each once', () => {
  const reason = `4.7.1 ${tooManyRecipients}`;
  assert.deepEqual(
    sendersOverLimit([
      refusal('ada@cloud.example', reason),
      refusal('ADA@cloud.example', reason),
      refusal('bob@cloud.example', reason),
      refusal('eve@cloud.example', '5.7.1 Gtube pattern'),
    ]),
    ['ada@cloud.example', 'bob@cloud.example'],
  );
});

test('an address that is not plain is left out, since alarms show it outside of this cloud', () => {
  assert.deepEqual(sendersOverLimit([refusal('"x y"@cloud.example', `4.7.1 ${tooManyRecipients}`)]), []);
});
