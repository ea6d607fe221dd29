/**
 * What Postfix does to header lines of emails that it accepts (header_checks(5)). What strangers write must not pass for
 * this server's own findings: verdicts in its name are removed (RFC 8601 §5), and marks of spam filters, by which
 * files/sieve/spam.sieve sorts. Rspamd adds its own afterwards.
 */
export const headerChecks = (host: string): string =>
  [
    `/^Authentication-Results:[^;]*${literal(host)}/ IGNORE`,
    '/^X-(Spam|Spamd|Rspamd)(-[A-Za-z-]*)?:/ IGNORE',
    '',
  ].join('\n');

/**
 * The same for emails that users hand in. They don't tell the world from which address and with which program each user
 * works: what Postfix notes of the connection is cut down to its own part.
 */
export const submissionHeaderChecks = (host: string): string =>
  [
    `/^Received: from .*(by ${literal(host)} \\(Postfix\\) with [A-Z0-9]+ id [0-9A-Za-z]+).*;[[:space:]]+([^;]*)$/ REPLACE Received: \${1}; \${2}`,
    '/^(X-Originating-IP|X-Client-IP|User-Agent|X-Mailer):/ IGNORE',
    headerChecks(host),
  ].join('\n');

const literal = (host: string): string => host.replaceAll('.', '\\.');
