/** `nuages/templates`: the Django template language, compiled. */
export { configureTemplates, renderTemplate, templates } from './configure.ts'
export {
  type ContextProcessor,
  Engine,
  type TemplateCache,
  type TemplateGlobals,
  type TemplateOptions,
  type UrlParameters,
} from './engine.ts'
export {
  TemplateDoesNotExist,
  TemplateError,
  type TemplatePlace,
  TemplateRenderError,
  TemplateSyntaxError,
  UnknownVariableError,
} from './errors.ts'
export {
  type ListOf,
  list,
  type ShapeContext,
  type ShapeValue,
  type Template,
  type TemplateShape,
  template,
} from './handles.ts'
export {
  defineBlockTag,
  defineFilter,
  defineTag,
  type FilterOptions,
  type Library,
  registerFilter,
  registerLibrary,
  registerTag,
  type TagContext,
  type TagKeywords,
} from './library.ts'
export { filesystemLoader } from './loaders/filesystem.ts'
export type { TemplateLoader, TemplateSource } from './loaders/loader.ts'
export { memoryLoader } from './loaders/memory.ts'
export type { Filter, FilterInfo } from './nodes.ts'
export type { TagParser } from './parser/parser.ts'
export type { FormatOverrides, Formats } from './runtime/locale.ts'
