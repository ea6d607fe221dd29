import type { WayMemory } from '../mail/choose-way.ts';
import { relayFault, relayRemedy } from '../mail/relay-answer.ts';
import type { Condition } from './condition.ts';

/** Email that can't leave the server. What a relay said is not told: it may be anything. */
export function mailConditions({ way, port25, relay }: WayMemory): Condition[] {
  if (way === 'relay' && relay && relay.answer.result !== 'good')
    return [
      {
        kind: 'mail',
        subject: 'relay',
        what: `The relay ${relay.host} ${relayFault(relay.answer)}, so email waits on the server.`,
        fix: `${relayRemedy(relay.answer)}   To see what it said, run: haven mail check`,
      },
    ];
  if (way === 'direct' && port25 === 'blocked')
    return [
      {
        kind: 'mail',
        subject: 'port-25',
        what: 'Port 25 is blocked, so email to others waits on the server.',
        fix: 'Ask your provider, or add a relay to haven.yaml: docs/owners/mail.md',
      },
    ];
  return [];
}
