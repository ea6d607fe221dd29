/** The first container in a rendered compose file, which is the main one. */
export function mainContainer(compose: string): string {
  const name = /^services:\n(?: *#.*\n)* +([\w-]+):/m.exec(compose)?.[1];
  if (!name) throw new Error('the compose file names no container');
  return name;
}
