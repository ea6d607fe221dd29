import { type Draft, edit } from '../../good-service.ts';

/** A tool in a health check, in a start script, in what that reads in, and in a hook; a path; a user; a place for data. */
export default (draft: Draft): void => {
  draft.upstream['images/search-stub']!.user = '9010:9010';
  edit(
    draft,
    'user: "9011:9011"',
    [
      'user: "9010:9011"',
      'entrypoint: [/bin/bash, /haven/start.sh]',
      'volumes: ["./files:/haven:ro", "${DATA_FILES}:/var/lib/search"]',
    ].join('\n    '),
  );
  edit(draft, 'CMD, search, --health', 'CMD, curl, "http://127.0.0.1/"');
  draft.files['start.sh'] = '. /haven/more.sh\nstate=$(cat /index/state | jq .)\nready && exec /opt/search';
  draft.files['more.sh'] = 'ready() { grep -q ready /index/state; }\n';
  const { rename, ...hooks } = draft.definition.userHooks!;
  draft.definition.userHooks = {
    ...hooks,
    rename: [{ container: 'search', command: ['sh', '-c', 'psql -c "SELECT 1" && search --reload'] }],
  };
};
