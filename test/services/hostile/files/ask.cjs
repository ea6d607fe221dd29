// A request, to anything that may answer. It does not care whose certificate it sees.
const { request: plain } = require('node:http');
const { request: secure } = require('node:https');

/** Answers with the status (0 where nothing answers), the headers and the body. */
function ask(address, { method, headers = {}, form, json, timeoutMs = 10_000 } = {}) {
  const url = new URL(address);
  const body = form ? new URLSearchParams(form).toString() : json ? JSON.stringify(json) : undefined;
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  const options = {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers },
    timeout: timeoutMs,
    rejectUnauthorized: false,
    agent: false,
  };
  return new Promise((resolve) => {
    const nothing = (error) => resolve({ status: 0, headers: {}, body: error?.message ?? '' });
    const asked = (url.protocol === 'https:' ? secure : plain)(url, options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
      answer.on('error', nothing);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', nothing);
    asked.end(body);
  });
}

module.exports = { ask };
