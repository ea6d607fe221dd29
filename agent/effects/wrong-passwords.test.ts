import assert from 'node:assert/strict';
import { test } from 'node:test';
import { despiteGuesses } from './wrong-passwords.ts';

/** A login that locks the account with the tenth wrong password. `guesses`: how many come during each run of a check. */
function guessedLogin(guesses: number[]) {
  let wrong = 500;
  let runs = 0;
  return {
    runs: () => runs,
    forget: async () => {
      const had = wrong > 0;
      wrong = 0;
      return had;
    },
    check: async () => {
      wrong += guesses[runs++] ?? 0;
      return { code: wrong >= 10 ? 1 : 0, stdout: '', stderr: '' };
    },
  };
}

test('wrong passwords that were counted before a check do not make it fail', async () => {
  const login = guessedLogin([0]);
  assert.equal((await despiteGuesses(login.forget, login.check)).code, 0);
  assert.equal(login.runs(), 1);
});

test('a check that fails while someone guesses is run once more', async () => {
  const login = guessedLogin([12, 3]);
  assert.equal((await despiteGuesses(login.forget, login.check)).code, 0);
  assert.equal(login.runs(), 2);
});

test('a check that fails without a guess is not repeated, and one that is guessed at all the time ends', async () => {
  const broken = { ...guessedLogin([]), check: async () => ({ code: 7, stdout: '', stderr: 'broken' }) };
  assert.equal((await despiteGuesses(broken.forget, broken.check)).code, 7);
  const busy = guessedLogin([12, 12, 12]);
  assert.equal((await despiteGuesses(busy.forget, busy.check)).code, 1);
  assert.equal(busy.runs(), 2);
});
