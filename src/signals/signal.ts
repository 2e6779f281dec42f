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
  // Replaced, never changed: a send in progress keeps the list it began with.
  let receivers: readonly { readonly receiver: Receiver<E>; readonly key: string | undefined }[] = []

  async function tell(event: E): Promise<void> {
    for (const { receiver } of receivers) await receiver(event)
  }

  return {
    name,
    get hasReceivers() {
      return receivers.length > 0
    },
    connect(receiver, { key } = {}) {
      const entry = { receiver, key }
      const at = key === undefined ? -1 : receivers.findIndex((other) => other.key === key)
      receivers = at === -1 ? [...receivers, entry] : receivers.with(at, entry)
      return () => {
        receivers = receivers.filter((other) => other !== entry)
      }
    },
    send(event) {
      return receivers.length === 0 ? NOTHING : tell(event)
    },
  }
}
