import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  delete draft.definition.needs!.database;
  draft.definition.memoryMb -= 256;
  const inContainer = { container: 'notes', command: ['true'] };
  draft.definition.userHooks = {
    ...{ logOut: inContainer, disable: inContainer, enable: inContainer, remove: inContainer },
    rename: [inContainer],
  };
};
