import { S3Files, type S3Location } from './s3-files.ts';
import { type SftpLocation, withSftpFiles } from './sftp-files.ts';

/** Where single files are kept, and what opens it. */
export type FilePlace = S3Location | SftpLocation;

/** What a place does with single files, whatever it speaks. */
interface Files {
  put(path: string, content: Uint8Array): Promise<void>;
  get(path: string): Promise<Uint8Array>;
  /** The names of the files at its top. */
  list(): Promise<string[]>;
}

/** Stores a file whole or not at all, in the place of one with that name. Throws `PlaceFault`, as the others do. */
export const putFile = (place: FilePlace, path: string, content: Uint8Array): Promise<void> =>
  withFiles(place, (files) => files.put(path, content));

export const getFile = (place: FilePlace, path: string): Promise<Uint8Array> =>
  withFiles(place, (files) => files.get(path));

/** The names of the files that end so, at the top of the place: no folder is looked into. */
export const listFiles = async (place: FilePlace, suffix: string): Promise<string[]> =>
  (await withFiles(place, (files) => files.list())).filter((name) => name.endsWith(suffix));

const withFiles = <T>(place: FilePlace, work: (files: Files) => Promise<T>): Promise<T> =>
  place.kind === 's3' ? work(new S3Files(place)) : withSftpFiles(place, work);
