/** The checks that `defineApp` makes at compile time. Each room knows its own; nothing is imported at run time. */
export type { ViewsFor } from '../urls/types.ts'
export type CheckModel<C> = C extends object ? unknown : never
