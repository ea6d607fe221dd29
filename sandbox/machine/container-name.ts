/** The name of the container that is a machine of the sandbox. */
export const containerName = (id: string): string => `haven-sandbox-${id}`;
