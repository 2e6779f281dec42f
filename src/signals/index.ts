/** `nuages/signals`: tell whoever listens that something happened. */
export { type ConnectOptions, type Receiver, type Signal, signal } from './signal.ts'
