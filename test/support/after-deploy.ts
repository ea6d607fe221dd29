/** What a stub agent answers to what is asked of the server at the end of a deploy. */
export const afterDeploy = {
  list: () => [],
  'check-logins': () => [],
  'deploy-lock-take': () => ({ newest: null, unsent: null }),
  'deploy-lock-release': () => ({}),
  'state-look': () => ({ newest: null, unsent: null, held: null }),
  'state-put': () => ({ id: '1-3fa9c1d2-0b5e77aa' }),
};
