import { type Document, isMap, parseDocument, type YAMLMap } from 'yaml';

/** What `haven service add` writes into haven.yaml for a service. */
export interface ServiceEntry {
  subdomain?: string;
  domain?: string;
  access?: 'public' | 'users' | 'admins';
  options?: Record<string, unknown>;
}

/**
 * haven.yaml with one more service, or with other settings of one that it has; comments, order and all other settings
 * are kept. The text must be valid for {@link loadConfig}.
 */
export function addService(text: string, id: string, entry: ServiceEntry): string {
  const document = parseDocument(text);
  const services = servicesOf(document);
  services.flow = false;
  if (services.has(id)) {
    const { options = {}, ...others } = entry;
    const paths = [
      ...Object.entries(others).map(([key, value]) => [[key], value] as const),
      ...Object.entries(options).map(([key, value]) => [['options', key], value] as const),
    ];
    for (const [path, value] of paths) document.setIn(['services', id, ...path], value);
    const changed = services.get(id);
    if (isMap(changed)) changed.flow = false;
    return document.toString({ lineWidth: 0 });
  }
  const node = document.createNode(entry);
  if (isMap(node) && node.items.length === 0) node.flow = true;
  services.set(id, node);
  return document.toString({ lineWidth: 0 });
}

/** haven.yaml without a service. */
export function removeService(text: string, id: string): string {
  const document = parseDocument(text);
  const services = servicesOf(document);
  services.delete(id);
  if (services.items.length === 0) services.flow = true;
  return document.toString({ lineWidth: 0 });
}

function servicesOf(document: Document): YAMLMap {
  const there = document.get('services');
  if (isMap(there)) return there;
  document.set('services', document.createNode({}));
  return document.get('services') as YAMLMap;
}
