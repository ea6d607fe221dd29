// What a terminal or a reader of a log would obey (ECMA-48 §5): clear the screen, hide what follows, a link whose text
// lies (OSC 8), a new clipboard (OSC 52), a title, a line that is written over, C1 controls.
const escapes = [
  '\u001b[2J\u001b[H',
  '\u001b[8m',
  '\u001b]8;;https://evil.example/\u0007here\u001b]8;;\u0007',
  '\u001b]52;c;ZXZpbA==\u0007',
  '\u001b]0;owned\u0007',
  'a line\rnothing to see\b\b\b',
  '\u009b31m',
  '\u0000\u0007',
].join('');
module.exports = { escapes };
