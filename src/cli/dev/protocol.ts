/** What the supervisor of `nuages dev` and its child say to each other over IPC. */

/** From the child. */
export type ChildMessage =
  | ReadyMessage
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
