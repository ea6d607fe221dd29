/**
 * Where Dovecot hands in what filters send: forwards, and answers during a vacation (RFC 5228 §2.10.6, RFC 5230). Dovecot has no
 * way to log in there, so Postfix takes it from Dovecot's address, on the bridge's own address: other services, which share
 * another network with Postfix, do not reach it (files/postfix/master.cf).
 */
export const sievePort = 1588;
