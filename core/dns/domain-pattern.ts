/** A name of at least two labels, in lower case (RFC 1035 §2.3.1, RFC 5890 for those that begin with `xn--`). */
export const domainPattern = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
