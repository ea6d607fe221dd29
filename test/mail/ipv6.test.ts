import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntil } from '../../system/wait-until.ts';
import { closeMailLab, email, openMailLab, server, submit, visitor } from '../support/mail-lab.ts';

/** Postfix sends over IPv6, too. `outgoing-ipv6.test.ts` has what holds for every such service. */
const receiver = `
import asyncio
from aiosmtpd.controller import Controller
class Keeper:
    async def handle_DATA(self, server, session, envelope):
        with open('/peers', 'ab') as file:
            file.write(session.peer[0].encode() + b' ' + envelope.original_content.replace(b'\\r\\n', b' ') + b'\\n')
        return '250 kept'
import sys
Controller(Keeper(), hostname=sys.argv[1], port=25).start()
asyncio.new_event_loop().run_forever()
`;

before(async () => {
  await openMailLab('layer-mail-ipv6', 73);
  const start = `cat > /tmp/receiver.py; nohup python3 /tmp/receiver.py ${visitor.ipv6} > /dev/null 2>&1 &`;
  await visitor.run(['sh', '-c', start], { input: receiver });
});
after(closeMailLab);

test('email goes out over IPv6 with the address of the server', async () => {
  const to = `friend@[IPv6:${visitor.ipv6}]`;
  const { subject, message } = email({ from: 'ada@cloud.example', to });
  const { data } = await submit({ to: [to], message });
  assert.equal(data?.code, 250, data?.text);
  const seen = await waitUntil('the email at the other server', async () => {
    const { stdout } = await visitor.run(['cat', '/peers']);
    return stdout.split('\n').find((each) => each.includes(subject));
  });
  assert.equal(seen.split(' ')[0], server.ipv6);
});
