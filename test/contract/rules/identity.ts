import { type Rule, unless } from '../rule.ts';

/** What a service says about itself to people. */
export const identityRules: Rule[] = [
  {
    id: 'id-is-folder',
    check: ({ id, folderName }) =>
      unless(
        id === folderName,
        `The id is "${id}" and the folder is "${folderName}". Give both the same name.`,
      ),
  },
  {
    id: 'id-form',
    check: ({ id }) =>
      unless(
        /^[a-z][a-z0-9-]{0,19}$/.test(id),
        `The id "${id}" is not valid. Use at most 20 lower-case letters, digits and hyphens, and begin with a letter.`,
      ),
  },
  {
    id: 'title-and-summary',
    check: ({ definition: { title, summary } }) =>
      unless(Boolean(title && summary), 'service.ts needs a title and a summary of one sentence.'),
  },
  {
    // haven.yaml, `haven status` and the logs show the id, pages and docs the title: to people they are one name.
    id: 'title-is-id',
    check: ({ id, definition: { title } }) =>
      unless(
        title.toLowerCase().replaceAll(' ', '-') === id.toLowerCase() || title === '',
        `The title "${title}" is another name than the id "${id}". Use one name: the same words in both.`,
      ),
  },
  {
    id: 'upstream-version',
    check: ({ definition: { upstream } }) =>
      unless(
        /^\d/.test(upstream.version),
        `upstream.version is "${upstream.version}". Name one exact version, such as 1.2.3.`,
      ),
  },
  {
    id: 'upstream-licence',
    check: ({ definition: { upstream } }) =>
      unless(
        Boolean(upstream.licence) && (upstream.url ?? 'https://').startsWith('https://'),
        'upstream needs a licence, and its address (if it has one) begins with https://.',
      ),
  },
];
