/**
 * Whether a record of the state lets another account certify than this one (RFC 8657 §3): the authority registered a new one, or
 * the authority is another. Such records forbid what is ordered now, at their names and at those below (RFC 8659 §3).
 */
export const namesAnotherAccount = (resources: object[], accountUrl: string): boolean =>
  resources.some((each) =>
    [...JSON.stringify(each).matchAll(/accounturi=([^;"\\\s]+)/g)].some(([, named]) => named !== accountUrl),
  );
