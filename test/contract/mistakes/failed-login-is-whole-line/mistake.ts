import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  const line = draft.definition.failedLogins![0]!;
  line.pattern = line.pattern.replace('$', '(?!.)');
};
