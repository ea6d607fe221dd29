/**
 * What a task keeps busy. Compilers take every core, so they run one at a time; downloads and package installations
 * mostly wait for the network, so they run beside them.
 */
export type Lane = 'cpu' | 'network';

/** Something that is made once and kept: a program, an image, a disk. */
export interface BuildTask {
  /** What it makes, as the owner reads it. Unique; its duration is kept under this name. */
  name: string;
  lane: Lane;
  /** Names of tasks that must be made first. Names that are not part of the run are ignored. */
  after: string[];
  /** What to expect where no duration is known: seconds on a quiet machine of two cores. */
  seconds: number;
  isMade(): Promise<boolean>;
  make(): Promise<void>;
}
