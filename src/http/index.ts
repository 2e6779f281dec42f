/** `nuages/http`: requests, responses, errors, middleware, servers. */
export { JsonError, jsonReplacer, jsonText } from '../std/json.ts'
export { type AccessEntry, accessLog, escapeLog, formatAccess } from './access-log.ts'
export { after, compose, type ErrorHandler } from './compose.ts'
export { checkPreconditions, type Preconditions, parseEtags, quoteEtag, type Validators } from './conditional.ts'
export type { CookieOptions } from './cookies.ts'
export { currentRequest } from './current.ts'
export type { DebugInfo, DebugQuery, HasExcerpt } from './debug/report.ts'
export {
  BadRequest,
  ContentTooLarge,
  DisallowedHost,
  HttpError,
  type HttpErrorOptions,
  MethodNotAllowed,
  NotFound,
  PermissionDenied,
  ResponseError,
  ServerError,
  ServiceUnavailable,
  TooManyRequests,
  Unauthorized,
  UnsupportedMediaType,
} from './errors.ts'
export { attachment, contentTypeOf, type FileOptions, fileResponse, safeJoin } from './files.ts'
export type { ErrorPageContext } from './handle-error.ts'
export { type AroundView, createHandler, type Handler, type HandlerOptions } from './handler.ts'
export { HeaderMap } from './headers.ts'
export type { BodyLimits } from './limits.ts'
export { isSafeRedirect, type RedirectRules } from './redirects.ts'
export { json, methodNotAllowed, notFound, redirect, respond, stream } from './replies.ts'
export { HttpRequest } from './request.ts'
export {
  type FileSlice,
  HttpResponse,
  type ResponseContent,
  type ResponseOptions,
  type StreamBody,
} from './response.ts'
export { type FetchInfo, toFetch } from './servers/fetch.ts'
export { type RunningServer, type ServeOptions, serveNode } from './servers/node.ts'
export {
  type CollectResult,
  collectStatic,
  findStatic,
  type MediaOptions,
  type MediaStorage,
  mediaFiles,
  readManifest,
  type StaticDirectory,
  type StaticManifest,
  type StaticOptions,
  staticFiles,
  staticUrls,
} from './static/index.ts'
export type {
  AnonymousUser,
  CurrentUser,
  Middleware,
  Next,
  Reply,
  Resolver,
  ResolverMatch,
  Session,
  View,
} from './types.ts'
export { FormBody, type FormFiles } from './uploads/form-body.ts'
export { UploadedFile } from './uploads/uploaded-file.ts'
export { type RequestValue, requestValue } from './values.ts'
