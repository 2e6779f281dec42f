/** `nuages/urls`: tables of names and patterns, views tied to them, links. */
export { bindRoutes, type UrlMap } from './bind.ts'
export { type Converter, registerConverter } from './converters.ts'
export { type BindingProblem, LinkError, UrlPatternError, ViewBindingError } from './errors.ts'
export { guards } from './guards.ts'
export { reverse } from './links.ts'
export { createResolver, type ListedRoute, listRoutes, RouteMatch, RouteResolver, type TableViews } from './resolver.ts'
export { include, routes } from './table.ts'
export type {
  ArgsAt,
  Bound,
  Checked,
  Converters,
  Guard,
  Included,
  NameArg,
  NarrowedBy,
  ParamsOf,
  Prefixed,
  Route,
  RouteTable,
  UrlArgs,
  UrlExtra,
  UrlQueryValue,
  Urls,
  ViewsFor,
} from './types.ts'
