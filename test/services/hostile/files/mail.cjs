// Talks to a mail server as it likes (RFC 5321).
const { connect } = require('node:net');

/** Sends commands, each once the one before is answered. Answers with what the server said, and last with how it ended. */
function talkToMail({ host, port, commands }) {
  return new Promise((resolve) => {
    const answers = [];
    const left = [...commands];
    let text = '';
    const socket = connect({ host, port });
    const end = (how) => {
      socket.destroy();
      resolve([...answers, how]);
    };
    socket.setTimeout(9000, () => end('silent'));
    socket.on('error', (error) => end(error.code));
    socket.on('close', () => end('closed'));
    socket.on('data', (more) => {
      text += more;
      if (!/^(?:\d{3}-.*\r\n)*\d{3} .*\r\n$/.test(text)) return;
      answers.push(text.trim());
      text = '';
      const next = left.shift();
      if (next === undefined) end('done');
      else socket.write(`${next}\r\n`);
    });
  });
}

module.exports = { talkToMail };
