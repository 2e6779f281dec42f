/** Typed templates: the context a template expects, said once and checked where it is rendered. */
import { templates } from './configure.ts'

/** Many instances of a model: a list, or a query set (anything that gives a list when awaited). */
export interface ListOf<M> {
  readonly '~list': M
}

/** A context's shape, as values: classes, `String`, `Number`, `Boolean`, `Date`, and `list(Model)`. */
export type TemplateShape = Readonly<Record<string, unknown>>

/** The value that a part of a shape stands for. */
export type ShapeValue<S> = S extends { readonly '~list': { prototype: infer P } }
  ? readonly P[] | PromiseLike<readonly P[]>
  : S extends StringConstructor
    ? string
    : S extends NumberConstructor
      ? number
      : S extends BooleanConstructor
        ? boolean
        : S extends { prototype: infer P }
          ? P
          : never

/** The context of a shape. */
export type ShapeContext<S extends TemplateShape> = { readonly [K in keyof S]: ShapeValue<S[K]> }

/** A template with the type of its context. */
export interface Template<C> {
  readonly name: string
  /** What the context was declared to be. */
  readonly shape: TemplateShape
  /** A response with the page. @throws TemplateDoesNotExist, TemplateSyntaxError, TemplateRenderError */
  render(request: object, context: C): Promise<Response>
  /** The page as text. */
  renderText(request: object | null, context: C): Promise<string>
}

/** In a shape: a list or query set of a model's instances. */
export function list<M>(model: M): ListOf<M> {
  return { '~list': model }
}

/**
 * A template with a typed context. Nothing is read before it is rendered.
 *
 *     const page = template('library/book_list.html', { books: list(Book), query: String })
 *     export const bookList = urls.bookList.view((request) => page.render(request, { books: Book.objects.all(), query: '' }))
 */
export function template<const S extends TemplateShape>(name: string, shape: S): Template<ShapeContext<S>> {
  const renderText = async (request: object | null, context: ShapeContext<S>) =>
    templates().render(name, context, request)
  return {
    name,
    shape,
    renderText,
    render: async (request, context) => templates().respond(await renderText(request, context)),
  }
}
