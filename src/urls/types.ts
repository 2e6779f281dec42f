import type { Registered } from '../apps/register.ts'
import type { HttpRequest, Reply, View } from '../http/index.ts'

/**
 * One key per path converter, with the type it gives. A project adds its own:
 * `declare module 'nuages/urls' { interface Converters { year4: number } }`, and calls `registerConverter`.
 */
export interface Converters {
  int: number
  str: string
  slug: string
  uuid: string
  path: string
}

type Scan<P extends string, A> = P extends `${string}<${infer S}>${infer R}`
  ? Scan<
      R,
      A &
        (S extends `${infer C}:${infer N}`
          ? { [K in N]: C extends keyof Converters ? Converters[C] : never }
          : { [K in S]: string })
    >
  : A

/** The parameters of a pattern: `'<int:year>/<slug:slug>/'` gives `{ year: number; slug: string }`. */
export type ParamsOf<P extends string> = Scan<P, {}> extends infer A ? { [K in keyof A]: A[K] } : never

/** The pattern itself, or what it could have been: the error prints the converters there are. */
export type Checked<P extends string> = P extends `${infer H}<${infer C}:${infer N}>${infer R}`
  ? C extends keyof Converters
    ? `${H}<${C}:${N}>${Checked<R>}`
    : `${H}<${keyof Converters}:${N}>${Checked<R>}`
  : P

/** What follows the path of a link. */
export interface UrlExtra {
  /** `?a=1&b=2`; undefined values are left out, lists repeat the key. */
  readonly query?: Record<string, UrlQueryValue | readonly UrlQueryValue[]>
  /** `#part`, without its sign. */
  readonly hash?: string
}
export type UrlQueryValue = string | number | bigint | boolean | undefined

/** The arguments of a link: parameters may be left out where the pattern has none. */
export type UrlArgs<P extends string> = keyof ParamsOf<P> extends never
  ? [params?: {}, extra?: UrlExtra]
  : [params: ParamsOf<P>, extra?: UrlExtra]

/** What `loginRequired` is: it narrows a request, or answers in the view's place. */
export type Guard<R extends HttpRequest> = (request: HttpRequest) => R | Response | Promise<R | Response>

/** What a request is after all of these guards: of each, `any` at first, is read what it narrows to. */
export type NarrowedBy<G extends readonly Guard<any>[]> = HttpRequest &
  (G extends readonly [Guard<infer R>, ...infer Rest extends readonly Guard<any>[]] ? R & NarrowedBy<Rest> : unknown)

/** A view tied to its route by `route.view(...)`. Call it as any view. */
export interface Bound<P extends string> {
  (request: HttpRequest, params: ParamsOf<P>): Reply
  readonly route: P
  /** The guard given before the view, for `listurls` and checks. */
  readonly guard: Guard<any> | undefined // its narrowed request is the view's business
}

/** One named pattern. Calling it gives the link; `view` ties a view to it. */
export interface Route<P extends string> {
  /** `urls.bookDetail({ year, slug }, { query: { page: 2 }, hash: 'notes' })` gives the path. */
  (...args: UrlArgs<P>): string
  readonly pattern: P
  view(view: View<ParamsOf<P>>): Bound<P>
  view<R extends HttpRequest>(guard: Guard<R>, view: View<ParamsOf<P>, R>): Bound<P>
}

/** A table put under a prefix of another; made by `include`. */
export interface Included<P extends string, U> {
  readonly prefix: P
  readonly urls: U
}

/** What `routes` gives: a link for each name, a table for each include. */
export type Urls<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? Route<T[K]>
    : T[K] extends Included<infer P, infer U>
      ? Prefixed<U, P>
      : never
}
/** A table seen through a prefix: its parameters are asked of every link. */
export type Prefixed<U, Pre extends string> = Pre extends `${string}<${string}`
  ? { readonly [K in keyof U]: U[K] extends Route<infer P> ? Route<`${Pre}${P}`> : Prefixed<U[K], Pre> }
  : U

/** What `routes` accepts. */
export type RouteTable = Record<string, string | Included<string, any>> // any table: only names and patterns are read

/** The views of a table: for every route one of the same name, bound to it. `defineApp` asks for them. */
export type ViewsFor<U> = {
  [K in keyof U as U[K] extends Route<infer _> ? K : never]: U[K] extends Route<infer P> ? Bound<P> : never
}

// Names as strings: the same table, read through Register (templates, apps that do not import one another).

type Root = Registered<'urls', {}>
type PatternAt<U, N extends string> = N extends keyof U
  ? U[N] extends Route<infer P>
    ? P
    : undefined
  : N extends `${infer H}:${infer R}`
    ? H extends keyof U
      ? PatternAt<U[H], R>
      : undefined
    : undefined
type NamesOf<U> = { [K in keyof U & string]: U[K] extends Route<infer _> ? K : `${K}:${NamesOf<U[K]>}` }[keyof U &
  string]
type Near<C, N extends string> = N extends `${infer H}:${string}`
  ? [Extract<C, `${H}:${string}`>] extends [never]
    ? C
    : Extract<C, `${H}:${string}`>
  : C

/** The name itself, or the names it could have been. */
export type NameArg<N extends string> =
  PatternAt<Root, N> extends string ? N : { [X in Near<NamesOf<Root>, N>]: X }[Near<NamesOf<Root>, N>]
/** The arguments `reverse` asks for beside the name. */
export type ArgsAt<N extends string> = PatternAt<Root, N> extends infer P extends string ? UrlArgs<P> : [never?]
