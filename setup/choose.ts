/**
 * Those of the tests whose name contains one of the words typed, or all if none was. Where none is meant, the process ends with
 * 1; `what` completes "No ... contains".
 */
export function choose(names: string[], what: string, hint = ''): string[] {
  const words = process.argv.slice(2);
  const chosen = names.filter((name) => words.length === 0 || words.some((each) => name.includes(each)));
  if (chosen.length > 0) return chosen;
  console.error(`No ${what} contains ${words.join(' or ')}.${hint}`);
  process.exit(1);
}
