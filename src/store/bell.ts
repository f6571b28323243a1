/** Lets one waiter sleep until there may be something to do. A ring that nobody waits for is kept: no wake-up is lost. */
export class Bell {
  #rung = false;
  #letGo: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#letGo?.();
  }

  /** Resolves at the next ring, or at once when there was one since the last wait. Never rejects. */
  async wait(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#letGo = resolve;
      });
    }
    this.#rung = false;
    this.#letGo = undefined;
  }
}
