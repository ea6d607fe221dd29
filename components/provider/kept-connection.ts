/** How a connection is made and ended, and for how long one is kept that nobody uses. */
export interface Connector<Connection> {
  open(): Promise<Connection>;
  end(connection: Connection): void;
  idleMs: number;
}

/** One connection for all who need it at a time, or soon after each other; made when it is first needed. */
export class KeptConnection<Connection> {
  readonly #connector: Connector<Connection>;
  #opening: Promise<Connection> | undefined;
  #open: Connection | undefined;
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(connector: Connector<Connection>) {
    this.#connector = connector;
  }

  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    clearTimeout(this.#idle);
    this.#users += 1;
    try {
      return await work(await this.#connection());
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#idle = setTimeout(() => this.close(), this.#connector.idleMs);
    }
  }

  /** Ends the connection, if there is one; the next who needs one gets another. */
  close(): void {
    clearTimeout(this.#idle);
    if (this.#open) this.drop(this.#open);
  }

  /** Ends a connection, which may have broken already; another one that has taken its place stays. */
  drop(connection: Connection): void {
    if (this.#open === connection) this.#open = undefined;
    this.#connector.end(connection);
  }

  async #connection(): Promise<Connection> {
    if (this.#open) return this.#open;
    this.#opening ??= this.#connect();
    return this.#opening;
  }

  async #connect(): Promise<Connection> {
    try {
      this.#open = await this.#connector.open();
      return this.#open;
    } finally {
      this.#opening = undefined;
    }
  }
}
