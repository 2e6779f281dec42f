/** What compiles, and what must not, of messages between processes. */
import { type Listening, listen, notify } from 'nuages/db'

const stop = new AbortController()
export const heard: Promise<Listening> = listen('orders', (payload) => payload.toUpperCase(), {
  signal: stop.signal,
  onReconnect: () => undefined,
  using: 'default',
})
export const told: Promise<void> = notify('orders', '5', { using: 'default' })
// @ts-expect-error a message is text
export const number = notify('orders', 5)
// @ts-expect-error a handler takes text
export const wrong = listen('orders', (payload: number) => payload)
