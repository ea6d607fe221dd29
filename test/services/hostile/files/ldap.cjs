// Uses an account of LDAP for what it is not for (RFC 4511, written by hand in BER).
const { readFileSync } = require('node:fs');
const { connect } = require('node:tls');

const element = (tag, ...parts) => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 128 ? Buffer.from([body.length]) : Buffer.from([0x82, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
};
const text = (value, tag = 0x04) => element(tag, Buffer.from(value));
const number = (value, tag = 0x02) => element(tag, Buffer.from([value]));

const bind = (dn, password) => element(0x60, number(3), text(dn), text(password, 0x80));
const replace = (dn, attribute, value) =>
  element(
    0x66,
    text(dn),
    element(0x30, element(0x30, number(2, 0x0a), element(0x30, text(attribute), element(0x31, text(value))))),
  );
const remove = (dn) => text(dn, 0x4a);

/** Sends requests one after the other. Answers with their result codes (RFC 4511 §4.1.9), -1 where nothing came. */
function converse(requests) {
  const [, host, port] = /ldaps:\/\/([^:]+):(\d+)/.exec(process.env.LDAP_URL);
  return new Promise((resolve) => {
    const codes = [];
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => send());
    const send = () => {
      if (codes.length === requests.length) return socket.destroy();
      socket.write(element(0x30, number(codes.length + 1), requests[codes.length]));
    };
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (answer) => {
      // The result code is the only ENUMERATED of one byte in these answers.
      codes.push(answer[answer.indexOf(Buffer.from([0x0a, 0x01])) + 2]);
      send();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(requests.map((_, n) => codes[n] ?? -1)));
  });
}

/**
 * As its own reader and as nobody: gives the victim another name and another password, makes itself an administrator,
 * and removes the victim. `account` is one that it was given instead, to change a name alone.
 */
async function bindAndWrite({ mark, victim, account }) {
  const { LDAP_BIND_DN, LDAP_GROUPS, LDAP_LOGINS, LDAP_SECRET_FILE, LDAP_USERS } = process.env;
  const [user, app] = [LDAP_USERS, LDAP_LOGINS].map((tree) => `uid=${victim.name},${tree}`);
  const rename = replace(user, 'givenName', mark);
  if (account) return converse([bind(account.dn, account.password), rename]);
  const writes = [
    rename,
    replace(user, 'userPassword', mark),
    replace(app, 'userPassword', mark),
    replace(`cn=admins,${LDAP_GROUPS}`, 'member', LDAP_BIND_DN),
    remove(app),
    remove(user),
  ];
  const secret = readFileSync(LDAP_SECRET_FILE, 'utf8').trim();
  return {
    reader: await converse([bind(LDAP_BIND_DN, secret), ...writes]),
    nobody: await converse([bind('', ''), ...writes]),
  };
}

module.exports = { bindAndWrite };
