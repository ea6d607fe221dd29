/**
 * What is wrong with the address of a receiver; undefined if it can be used. It must be https, so that nobody on the
 * way reads a topic or a token. http is possible to an IP address, as of a receiver in a network of the owner's.
 */
export function addressFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.hostname === '')
    return 'is not an address that begins with https://';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  const isIp = /^\[.*\]$|^\d+(\.\d+){3}$/.test(url.hostname);
  if (url.protocol === 'http:' && !isIp)
    return 'must begin with https://. Only an IP address may use http://';
  return undefined;
}
