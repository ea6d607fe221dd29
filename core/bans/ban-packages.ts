/** Packages of Debian 13 that answer guessing: fail2ban, and what it reads the journal with. */
export const banPackages = ['fail2ban', 'python3-systemd'];
