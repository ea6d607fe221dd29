/** The value of a CAA record that lets one account at an authority certify a name, over HTTP alone (RFC 8657 §3, §4). */
export const accountAuthority = (caaIdentity: string, accountUrl: string): string =>
  `${caaIdentity}; accounturi=${accountUrl}; validationmethods=http-01`;
