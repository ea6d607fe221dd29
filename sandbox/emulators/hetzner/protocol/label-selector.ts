/** Does a label selector of the Hetzner API choose these labels? (docs.hetzner.cloud, "Label Selector") */
export function matchesLabels(selector: string, labels: Record<string, string>): boolean {
  return splitOutsideBrackets(selector).every((part) => matchesOne(part.trim(), labels));
}

function matchesOne(part: string, labels: Record<string, string>): boolean {
  const inList = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
  if (inList) {
    const values = inList[3]!.split(',').map((each) => each.trim());
    const value = labels[inList[1]!];
    return inList[2] === 'in'
      ? value !== undefined && values.includes(value)
      : value === undefined || !values.includes(value);
  }
  const compared = /^([^!=]+)(==|=|!=)(.*)$/.exec(part);
  if (compared) {
    const [, key, operator, value] = compared as unknown as [string, string, string, string];
    const same = labels[key.trim()] === value.trim();
    return operator === '!=' ? !same : same;
  }
  if (part.startsWith('!')) return !(part.slice(1) in labels);
  return part in labels;
}

function splitOutsideBrackets(text: string): string[] {
  return text.split(/,(?![^(]*\))/);
}
