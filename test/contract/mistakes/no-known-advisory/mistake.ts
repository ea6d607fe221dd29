import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  const hole = { service: 'notes', id: 'GHSA-aaaa-bbbb-cccc', what: 'anyone could read notes' };
  draft.advisories = [
    { ...hole, fixedIn: '1.2.4' },
    { ...hole, id: 'GHSA-dddd-eeee-ffff', fixedIn: '1.2.3' },
  ];
};
