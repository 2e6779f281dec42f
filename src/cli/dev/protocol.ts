/** What the supervisor of `nuages dev` and its child say to each other over IPC. */

/** From the child. `connection` messages to it carry a socket beside them. */
export type ChildMessage =
  /** It answers requests from now on. `watch`: folders to watch besides the project's own; `ignore`: not to watch. */
  | { readonly type: 'ready'; readonly watch: readonly string[]; readonly ignore: readonly string[] }
  /** It cannot start; `text` is what it printed. */
  | { readonly type: 'failed'; readonly text: string }

/** To the child. */
export type SupervisorMessage =
  | { readonly type: 'connection' }
  /** Finish what is being answered, then end. */
  | { readonly type: 'stop' }

/** Set in the child's environment: `first` for the first start, then what changed. */
export const CHILD_VARIABLE = 'NUAGES_DEV_CHILD'
/** The address people open, told to the child for its banner. */
export const URL_VARIABLE = 'NUAGES_DEV_URL'
