import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderInvitation } from './invitation-email.ts';

const email = {
  haven: 'firma.example',
  owner: 'Tom Berger',
  givenName: 'Ada',
  name: 'ada',
  link: 'https://login.firma.example/x?key=1',
  hours: 72,
  portal: 'https://me.firma.example/',
};

test('an invitation says who sends it, what to do, and where to ask, in English and German', () => {
  const { subject, text } = renderInvitation(email);
  assert.equal(subject, 'Set your password for firma.example / Dein Passwort für firma.example');
  assert.equal(
    text,
    `Hello Ada,

Tom Berger sends you this link to set the password of your account on firma.example. It works once and expires in 72 hours:

https://login.firma.example/x?key=1

Your user name: ada
Later, you find everything at: https://me.firma.example/
Questions? Reply to this email to reach Tom Berger.
If you did not expect this email, ignore it.

* * *

Hallo Ada,

Tom Berger schickt dir diesen Link. Damit legst du das Passwort für dein Konto bei firma.example fest. Er funktioniert einmal und läuft in 72 Stunden ab:

https://login.firma.example/x?key=1

Dein Benutzername: ada
Später findest du alles unter: https://me.firma.example/
Fragen? Antworte auf diese E-Mail, um Tom Berger zu erreichen.
Wenn du diese E-Mail nicht erwartet hast, ignoriere sie einfach.
`,
  );
});

test('an invitation leaves out an unknown owner and a missing portal', () => {
  const { text } = renderInvitation({ ...email, owner: '', portal: undefined });
  assert.match(text, /use this link to set the password/);
  assert.doesNotMatch(text, /Tom|Questions|Fragen|find everything|findest du/);
  assert.doesNotMatch(text, /undefined|\n\n\n/);
});
