// Takes what there is: processes, memory, space.
const { spawn, spawnSync } = require('node:child_process');
const { appendFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');

/** Forks until that is refused, and keeps what it has. They ignore what asks them to end, as their parent does. */
async function fork() {
  const script = 'trap "" TERM HUP INT; while :; do sleep 100000 & done';
  for (let n = 0; n < 5; n++) {
    const shell = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true });
    await new Promise((resolve) => {
      // A shell ends when it can't fork.
      shell.on('exit', resolve);
      shell.on('error', resolve);
      setTimeout(resolve, 10_000);
    });
  }
}

/** Takes memory until it is killed for that. It answers first. */
function takeMemory() {
  const kept = [];
  const more = () => {
    kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
    setTimeout(more, 5);
  };
  setTimeout(more, 200);
}

/** Writes to its data until that is refused: most of it at once, since writing takes minutes. */
async function fill() {
  for (let n = 0; n < 60; n++) {
    if (spawnSync('fallocate', ['-l', '50MB', `/data/most-${n}`]).status !== 0) break;
    await sleep(0);
  }
  const rest = Buffer.alloc(1024 * 1024, 1);
  for (let n = 0; n < 1000; n++) {
    try {
      appendFileSync('/data/rest', rest);
    } catch (error) {
      return error.code;
    }
  }
  return 'never refused';
}

module.exports = { fill, fork, takeMemory };
