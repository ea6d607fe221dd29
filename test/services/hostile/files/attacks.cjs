// Everything that it can be told to do.
const { fill, fork, takeMemory } = require('./exhaust.cjs');
const { bindAndWrite } = require('./ldap.cjs');
const { talkToMail } = require('./mail.cjs');
const { replay, useForms } = require('./replay.cjs');
const { scan } = require('./scan.cjs');
const { loot } = require('./loot.cjs');

module.exports = {
  attacks: {
    fill,
    fork,
    takeMemory,
    bindAndWrite,
    talkToMail,
    replay,
    useForms,
    scan,
    /** Nothing is judged by this, except that there was something to attack with. */
    loot: () => ({ ...loot, cookies: [...loot.cookies] }),
  },
};
