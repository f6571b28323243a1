/** Lets one waiter sleep until there may be something to do. It looks right before it waits, and again after. */
export class Bell {
  #letGo = (): void => {};

  /** Wakes the waiter; nobody waits: nothing happens. */
  ring(): void {
    this.#letGo();
  }

  /** Resolves at the next ring; never rejects. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#letGo = resolve;
    });
  }
}
