/**
 * Test files in the order in which they are begun: those that took longest come first, so that all cores end together. A file
 * whose time is not known yet counts as long.
 */
export function longestFirst(files: string[], seconds: Record<string, number>): string[] {
  const known = (file: string): number => seconds[file] ?? Number.MAX_VALUE;
  return files.toSorted((a, b) => known(b) - known(a));
}
