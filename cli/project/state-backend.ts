import { pathToFileURL } from 'node:url';
import { ProblemsError } from '../../core/problem.ts';
import { isFolder } from '../../stacks/state-file.ts';

/**
 * The address of the folder that the engine keeps the state in: the owner's, or the one in `HAVEN_STATE`. An engine that
 * was built on this machine knows no other place (engine/go-module/left-out.yaml).
 */
export function stateBackend(stateFolder: string, other = process.env.HAVEN_STATE): string {
  if (!other) return pathToFileURL(stateFolder).href;
  if (isFolder(other)) return other;
  const what = `"${other}" is not the address of a folder. Nothing was changed.`;
  const remedy = 'Write it as file:///path/of/the/folder, or unset HAVEN_STATE.';
  throw new ProblemsError([{ where: 'HAVEN_STATE', what, remedy }], 'usage');
}
