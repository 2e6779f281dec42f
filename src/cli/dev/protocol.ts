/** What the supervisor of `nuages dev` and its child say to each other over IPC. */

/** From the child. */
export type ChildMessage =
  | ReadyMessage
  /** It migrates and asks, once; whoever interrupts it now may leave half of that done. */
  | { readonly type: 'preparing' }
  /** Its question was answered with Ctrl-C. */
  | { readonly type: 'cancelled' }
  /** It cannot start; `text` is what it printed. */
  | { readonly type: 'failed'; readonly text: string }

/** The child answers connections from now on. */
export interface ReadyMessage {
  readonly type: 'ready'
  /** Where the settings want to listen. */
  readonly host: string
  readonly port: number
  /** Shown when the supervisor starts. */
  readonly database: string
  readonly debug: boolean
  /** Path of the admin, where there is one. */
  readonly admin: string | null
  /** Milliseconds that went by with questions at the terminal. */
  readonly asked: number
  /** Folders to watch besides the project's own. */
  readonly watch: readonly string[]
  /** Folders not to watch. */
  readonly ignore: readonly string[]
}

/** To the child. */
export type SupervisorMessage =
  /** Answer the socket sent along. */
  | { readonly type: 'connection' }
  /** Finish what is being answered, then end. */
  | { readonly type: 'stop' }

/** Set in the environment of the child. */
export const CHILD_VARIABLE = 'NUAGES_DEV_CHILD'
/** Set for the children of a `nuages dev` that has not served yet. */
export const FIRST_VARIABLE = 'NUAGES_DEV_FIRST'
