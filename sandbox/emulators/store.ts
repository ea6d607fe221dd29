/** Where an emulator keeps what it remembers: it changes the value in place, then saves it. */
export interface Store<T> {
  value: T;
  save(): void;
}

/** Remembers for as long as this process runs: for an emulator inside a test's own process. */
export const memoryStore = <T>(value: T): Store<T> => ({ value, save: () => undefined });
