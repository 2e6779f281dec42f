import { TestingError } from './errors.ts'

/** What the site knows of an answer besides the answer. */
export interface Details {
  /** What became a page with a status of 500 or more; undefined where nothing failed. */
  readonly error: unknown
  /** Name of the route, `geo:country`; null where none was found. */
  readonly route: string | null
}

const known = new WeakMap<Response, Details>()
const NOTHING: Details = { error: undefined, route: null }

/** Lets the client know more than a response says. */
export function withDetails(response: Response, details: Details): Response {
  known.set(response, details)
  return response
}

export function detailsOf(response: Response): Details {
  return known.get(response) ?? NOTHING
}

/** A response with its body read. */
export interface TestResponse extends Details {
  readonly status: number
  readonly headers: Headers
  /** The body as text. */
  readonly body: string
  readonly bytes: Uint8Array
  /** Address the response came from, after redirects: path and query. */
  readonly url: string
  /** Where a redirect leads, or null. */
  readonly location: string | null
  /** Addresses that redirects were followed to, in order; the last is {@link url}. */
  readonly redirects: readonly string[]
  /**
   * The body as JSON. `T` is what the test says, unchecked.
   * @throws TestingError testing.no-json with the body, when it is none
   */
  json<T = unknown>(): T
}

/** Reads a response to its end. */
export async function readResponse(response: Response, request: string, url: URL, redirects: readonly string[]) {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const body = new TextDecoder().decode(bytes)
  const { status, headers } = response
  const read: TestResponse = {
    ...detailsOf(response),
    status,
    headers,
    body,
    bytes,
    url: url.pathname + url.search,
    location: headers.get('location'),
    redirects,
    json: <T>() => {
      try {
        return JSON.parse(body) as T // the test says what it expects
      } catch (cause) {
        throw new TestingError(`${request} gave no JSON but ${status} with: ${body.slice(0, 200) || '(nothing)'}`, {
          code: 'testing.no-json',
          cause,
        })
      }
    },
  }
  return read
}
