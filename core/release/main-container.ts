/** The container that stands first in a rendered compose file: the one that its author begins with. */
export function mainContainer(compose: string): string {
  const name = /^services:\n(?: *#.*\n)* +([\w-]+):/m.exec(compose)?.[1];
  if (!name) throw new Error('the compose file names no container');
  return name;
}
