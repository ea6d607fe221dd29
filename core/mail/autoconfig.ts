import type { FixedPage } from '../service.ts';
import { reading, submission } from './mail-ports.ts';

/**
 * Settings for Thunderbird and the programs that ask like it: at `autoconfig.<domain>`
 * (wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat). The user name is the address that was typed.
 */
export function autoconfig(domain: string, server: string, mail: { pop3?: boolean } = {}): FixedPage {
  const ports = [
    ...reading(mail).map((each) => ({ kind: `incomingServer type="${each.protocol}"`, ...each })),
    ...submission.map((each) => ({ kind: 'outgoingServer type="smtp"', ...each })),
  ];
  const servers = ports.map(({ kind, port, tls }) =>
    [
      `    <${kind}>`,
      `      <hostname>${server}</hostname>`,
      `      <port>${port}</port>`,
      `      <socketType>${tls === 'from-the-start' ? 'SSL' : 'STARTTLS'}</socketType>`,
      '      <authentication>password-cleartext</authentication>',
      '      <username>%EMAILADDRESS%</username>',
      `    </${kind.split(' ')[0]}>`,
    ].join('\n'),
  );
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${domain}">
    <domain>${domain}</domain>
    <displayName>${domain}</displayName>
    <displayShortName>${domain}</displayShortName>
${servers.join('\n')}
  </emailProvider>
</clientConfig>
`;
  return { path: '/mail/config-v1.1.xml', contentType: 'text/xml; charset=utf-8', text };
}
