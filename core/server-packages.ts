/**
 * Packages of Debian 13 that haven needs on a server since some version: a new server has them from its first boot, and
 * set-up installs them on an older one. fail2ban answers guessing, and reads the journal with python3-systemd; a resolver
 * that begins at the root finds its addresses and its key in dns-root-data (RFC 9609, RFC 5011), and Debian keeps them
 * current.
 */
export const addedPackages = ['fail2ban', 'python3-systemd', 'dns-root-data'];
