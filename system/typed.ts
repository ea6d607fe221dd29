/**
 * A command of haven as its reader has to type it. In a checkout `haven` is not on PATH: there npm starts it, which tells by
 * the name of the script (docs.npmjs.com/cli/using-npm/scripts, "current lifecycle event").
 */
export const typed = (words: string, script = process.env.npm_lifecycle_event): string =>
  script === 'start' || script === 'haven' ? `npm run haven -- ${words}` : `haven ${words}`;
