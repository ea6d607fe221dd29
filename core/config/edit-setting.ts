import { parseDocument } from 'yaml';

/** haven.yaml with another value for one setting, or without it; comments, order and all other settings are kept. */
export function editSetting(text: string, path: (string | number)[], value?: string | number): string {
  const document = parseDocument(text);
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}
