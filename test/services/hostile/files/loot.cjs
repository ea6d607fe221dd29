// Everything that came by: headers and cookies of visitors, what they typed, tokens of their logins.
const loot = { headers: [], cookies: new Set(), forms: [], tokens: [] };

function note({ headers }) {
  loot.headers.push(headers);
  for (const cookie of (headers.cookie ?? '').split(/;\s*/)) if (cookie) loot.cookies.add(cookie);
}

module.exports = { loot, note };
