import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeLine } from './describe-change.ts';
import { inReadingOrder } from './reading-order.ts';

const line = (what: string, name: string): ChangeLine => ({ kind: 'create', what, name, detail: '' });

test('orders a plan the same way every time, with each name’s records together', () => {
  const read = [
    line('Server', 'haven-a'),
    line('Service', 'gitea'),
    line('Service', 'reverse-proxy'),
    line('DNS', 'git.example.org A'),
    line('DNS', 'git.example.org AAAA'),
    line('DNS', '_443._tcp.git.example.org TLSA'),
    line('DNS', 'www.example.org A'),
    line('something:new:Thing', 'x'),
  ];
  for (let turn = 0; turn < read.length; turn++) {
    const shuffled = [...read.slice(turn), ...read.slice(0, turn)].reverse();
    assert.deepEqual(inReadingOrder(shuffled), read);
  }
});
