/** An API as this computer serves it to the engine's plugin, which asks for each record alone. */
export interface ApiFront {
  /** Variables that lead the plugin here. */
  variables: Record<string, string>;
  /** A run of the engine begins: what was read before no longer counts. `say` is told what the API makes it wait for. */
  beginRun(say?: (line: string) => void): void;
  /** What the plugin says, with the API's own address in place of this computer's. */
  restoreAddress(text: string): string;
  close(): Promise<void>;
}
