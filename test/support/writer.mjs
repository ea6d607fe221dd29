// Writes rows to the ledger, four at once, and notes each acknowledged one, on disk, before it sends the next. Without any
// pause it would take a core from what is tested.
// Plain JavaScript: it runs on the server's own Node. Arguments: base URL, file of acknowledged ids, milliseconds of a pause.
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [base, file, pauseMs] = process.argv.slice(2);
const acknowledged = openSync(file, 'a');
const agent = new Agent({ keepAlive: true });
let number = 0;

function post(id) {
  return new Promise((resolve) => {
    const asked = request(`${base}/rows?id=${id}`, { method: 'POST', agent, timeout: 1000 }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode === 200));
      answer.on('error', () => resolve(false));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

async function writeForEver(lane) {
  for (;;) {
    const id = `${process.pid}-${lane}-${number++}`;
    if (await post(id)) {
      writeSync(acknowledged, `${id}\n`);
      fsyncSync(acknowledged);
    }
    await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
  }
}

for (let lane = 0; lane < 4; lane++) writeForEver(lane);
