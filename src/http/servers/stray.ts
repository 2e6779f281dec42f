import { errorForLog } from '../access-log.ts'

/**
 * Keeps the process when an app forgets to wait for a promise, or a timer or an event of its own throws: reported to
 * standard error, and the server goes on. Node would end the process, so that one visitor who finds such a view ends
 * the site for all others. Only for processes that do nothing but serve. Gives a function that undoes it.
 */
export function surviveStrayErrors(): () => void {
  const rejected = (error: unknown) => console.error(`A promise failed that nobody waits for.\n${errorForLog(error)}`)
  const thrown = (error: unknown) => console.error(`An error was thrown outside of a request.\n${errorForLog(error)}`)
  process.on('unhandledRejection', rejected)
  process.on('uncaughtException', thrown)
  return () => {
    process.off('unhandledRejection', rejected)
    process.off('uncaughtException', thrown)
  }
}
