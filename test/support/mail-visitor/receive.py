#!/usr/bin/python3
"""A mail server on port 25 that accepts everything and keeps each email as a file in /received, and who brought it in /envelopes."""
import asyncio, itertools, json, os
from aiosmtpd.controller import Controller

os.makedirs('/received', exist_ok=True)
os.makedirs('/envelopes', exist_ok=True)
# Started again, it goes on.
number = itertools.count(len(os.listdir('/received')))

class Keeper:
    async def handle_DATA(self, server, session, envelope):
        each = next(number)
        with open(f'/envelopes/{each}', 'w') as file:
            json.dump({'peer': session.peer[0], 'helo': session.host_name, 'from': envelope.mail_from, 'to': envelope.rcpt_tos}, file)
        name = f'/received/{each}'
        with open(name + '.draft', 'wb') as file:
            file.write(envelope.original_content)
        os.rename(name + '.draft', name)
        return '250 kept'

Controller(Keeper(), hostname='0.0.0.0', port=25).start()
asyncio.new_event_loop().run_forever()
