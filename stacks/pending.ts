/**
 * What the engine was doing when it was interrupted. A pending create may have created the resource: it is looked up
 * by our label and adopted, never created twice. If it can't be found it was not created, and is forgotten.
 */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: { resource: StateResource; type: string }[];
}

export interface StateResource {
  urn: string;
  type: string;
  custom?: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** What it was created after. */
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
}

/** Finds the id of a resource that was to be created with these inputs; undefined when it does not exist. */
export type Finder = (type: string, inputs: Record<string, unknown>) => Promise<string | undefined>;

export async function settlePending(
  deployment: Deployment,
  find: Finder,
): Promise<{ deployment: Deployment; adopted: string[]; forgotten: string[] }> {
  const adopted: string[] = [];
  const forgotten: string[] = [];
  const resources = [...(deployment.resources ?? [])];
  for (const { resource, type } of deployment.pending_operations ?? []) {
    if (type !== 'creating') continue;
    if (resources.some((each) => each.urn === resource.urn && each.id)) continue;
    const id = await find(resource.type, resource.inputs ?? {});
    if (id === undefined) {
      forgotten.push(resource.urn);
      continue;
    }
    resources.push({ ...resource, id, outputs: resource.inputs });
    adopted.push(resource.urn);
  }
  return { deployment: { ...deployment, resources, pending_operations: [] }, adopted, forgotten };
}
