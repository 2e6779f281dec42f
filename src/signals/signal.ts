/** Told of an event. A promise is waited for. */
export type Receiver<E> = (event: E) => void | Promise<void>

export interface ConnectOptions {
  /** Connecting again under the same key replaces the receiver, so that a module loaded twice is not told twice. */
  readonly key?: string
}

/** Something that happens, and who is told. Made by {@link signal}. */
export interface Signal<E> {
  readonly name: string
  /** Whether sending would tell anybody: ask before building a costly event. */
  readonly hasReceivers: boolean
  /** Adds a receiver; gives the function that removes it again. */
  connect(receiver: Receiver<E>, options?: ConnectOptions): () => void
  /**
   * Tells every receiver, one after another in the order they connected, and waits for each. The first error stops
   * it and reaches the sender: inside a transaction, that rolls back. Receivers connected meanwhile are not told.
   */
  send(event: E): Promise<void>
}

const NOTHING = Promise.resolve()

/**
 * Declares a signal, once, at module level.
 *
 *     export const orderPaid = signal<{ order: Order }>('shop.orderPaid')
 *     orderPaid.connect(async ({ order }) => { … })
 *     await orderPaid.send({ order })
 */
export function signal<E>(name: string): Signal<E> {
  return new Told<E>(name)
}

/** A class, so that all signals have one shape: writes ask several of them whether anybody listens. */
class Told<E> implements Signal<E> {
  readonly name: string
  /** Replaced, never changed: a send in progress keeps the list it began with. */
  #receivers: readonly { readonly receiver: Receiver<E>; readonly key: string | undefined }[] = []

  constructor(name: string) {
    this.name = name
  }

  get hasReceivers(): boolean {
    return this.#receivers.length > 0
  }

  connect(receiver: Receiver<E>, { key }: ConnectOptions = {}): () => void {
    const entry = { receiver, key }
    const at = key === undefined ? -1 : this.#receivers.findIndex((other) => other.key === key)
    this.#receivers = at === -1 ? [...this.#receivers, entry] : this.#receivers.with(at, entry)
    return () => {
      this.#receivers = this.#receivers.filter((other) => other !== entry)
    }
  }

  send(event: E): Promise<void> {
    return this.#receivers.length === 0 ? NOTHING : this.#tell(event)
  }

  async #tell(event: E): Promise<void> {
    for (const { receiver } of this.#receivers) await receiver(event)
  }
}
