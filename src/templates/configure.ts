/** The project's engine: configured once at start, used by `renderTemplate` and typed handles. */
import { ConfigurationError } from '../std/errors.ts'
import { Engine, type TemplateOptions } from './engine.ts'

let engine: Engine | null = null

/**
 * Sets up the project's templates, replacing what was set up before. Templates are found in `dirs`, in order; an app's
 * lie in `<app.root>/templates`.
 */
export function configureTemplates(options: TemplateOptions): Engine {
  engine = new Engine(options)
  return engine
}

/** The project's engine. @throws ConfigurationError templates.not-configured */
export function templates(): Engine {
  if (engine !== null) return engine
  throw new ConfigurationError('Templates are not configured.', {
    code: 'templates.not-configured',
    hint: 'Start the project (createProject), or call configureTemplates({ dirs: [...] }) before rendering.',
  })
}

/**
 * Renders a template of the project: text, or a promise of it where something had to be awaited.
 *
 * @param name   `library/book_list.html`, `book.html#row`, or several names: the first that exists
 * @throws TemplateDoesNotExist, TemplateSyntaxError, TemplateRenderError
 */
export function renderTemplate(
  name: string | readonly string[],
  context: Readonly<Record<string, unknown>> = {},
  request: unknown = null,
): string | Promise<string> {
  return templates().render(name, context, request)
}
