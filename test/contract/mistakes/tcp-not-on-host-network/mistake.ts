import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.hostNetwork = { ports: [], uids: [9010], reason: 'It must see addresses.' };
  edit(
    draft,
    ' ports: ["127.0.0.1:${PORT_HTTP}:8080", "127.0.0.1:${PORT_SYNC}:9000"]',
    ' network_mode: host',
  );
};
