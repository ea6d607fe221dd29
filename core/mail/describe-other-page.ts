/** How a page differs from the one that is planned, by the first line that does. */
export function describeOtherPage(planned: string, found: string): string {
  const lines = found.split('\n').map((each) => each.trim());
  const wanted = planned.split('\n').map((each) => each.trim());
  const at = wanted.findIndex((each, index) => each !== (lines[index] ?? ''));
  const place = at === -1 ? wanted.length : at;
  return `with "${cut(lines[place] ?? '')}" where "${cut(wanted[place] ?? '')}" is planned`;
}

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
