import type { FixedPage } from '../service.ts';
import { reading, submission } from './mail-ports.ts';

/**
 * Settings for Outlook ("POX Autodiscover", [MS-OXDSCLI] §3.1.5): the answer to a POST at `autodiscover.<domain>`.
 * Without a login name in it, Outlook takes the address that was typed.
 */
export function autodiscover(server: string, mail: { pop3?: boolean } = {}): FixedPage {
  const protocols = [...reading(mail), ...submission];
  const rendered = protocols.map(({ protocol, port, tls }) =>
    [
      '      <Protocol>',
      `        <Type>${protocol.toUpperCase()}</Type>`,
      `        <Server>${server}</Server>`,
      `        <Port>${port}</Port>`,
      '        <DomainRequired>off</DomainRequired>',
      '        <SPA>off</SPA>',
      ...(tls === 'from-the-start'
        ? ['        <SSL>on</SSL>', '        <Encryption>SSL</Encryption>']
        : ['        <Encryption>TLS</Encryption>']),
      '        <AuthRequired>on</AuthRequired>',
      '      </Protocol>',
    ].join('\n'),
  );
  const schema = 'http://schemas.microsoft.com/exchange/autodiscover';
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="${schema}/responseschema/2006">
  <Response xmlns="${schema}/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${rendered.join('\n')}
    </Account>
  </Response>
</Autodiscover>
`;
  return { path: '/autodiscover/autodiscover.xml', contentType: 'text/xml; charset=utf-8', text };
}
