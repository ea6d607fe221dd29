/**
 * Connections of a service for logins (doc.dovecot.org/2.4.1/core/config/service.html). By default each has a process of its own,
 * which stays with it for TLS and takes 2 MB: a few dozen mail programs would take all memory that Dovecot may have. Here
 * a process has up to 500. When all are taken, a new connection ends the oldest one that is not logged in.
 */
export const manyConnections = `  restart_request_count = unlimited
  client_limit = 500
  process_limit = 2`;
