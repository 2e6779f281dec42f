import type { HttpRequest, HttpResponse, Middleware } from '../http/index.ts'
import { after } from './after.ts'

/** One answered request. */
export interface AccessRecord {
  readonly method: string
  /** As sent, without the query: queries carry tokens and searches, which do not belong in logs. */
  readonly path: string
  readonly status: number
  /** Until the response was made, not sent. */
  readonly milliseconds: number
  readonly clientIp: string
}

/**
 * Tells each answered request to `write`; failures count, as an error below has become a response.
 *
 * @param write   default: a line on standard output, `GET /books/ 200 12 ms`
 */
export function accessLog(write: (record: AccessRecord) => void = printRecord): Middleware {
  return (request, next) => {
    const start = performance.now()
    const told = (response: HttpResponse) => {
      write(record(request, response.status, start))
      return response
    }
    return after(next(request), told)
  }
}

function record(request: HttpRequest, status: number, start: number): AccessRecord {
  const { method, target, clientIp } = request
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return { method, path, status, milliseconds: performance.now() - start, clientIp }
}

function printRecord({ method, path, status, milliseconds }: AccessRecord): void {
  // A client may send any character: some would forge lines of the log, or drive the terminal.
  const shown = path.replace(/[^\x21-\x7e]/g, (char) => encodeURIComponent(char))
  console.log(`${method} ${shown} ${status} ${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`)
}
