/** Renders with both back ends and insists that they agree. */
import { expect } from 'vitest'
import { Engine, type TemplateOptions } from '../../src/templates/engine.ts'

export type Context = Readonly<Record<string, unknown>>

/** Output of the template `main`. `make` builds the context anew for each back end. */
export async function rendered(
  templates: string | Readonly<Record<string, string>>,
  make: Context | (() => Context) = {},
  options: TemplateOptions = {},
  request: unknown = null,
): Promise<string> {
  const sources = typeof templates === 'string' ? { main: templates } : templates
  const outputs: string[] = []
  for (const generateCode of [true, false]) {
    const engine = new Engine({ templates: sources, ...options, generateCode })
    const context = typeof make === 'function' ? make() : make
    outputs.push(await engine.render('main', context, request))
  }
  expect(outputs[1], 'the interpreter').toBe(outputs[0])
  return outputs[0]!
}

/** The error of a template, the same from both back ends. */
export async function failure(
  templates: string | Readonly<Record<string, string>>,
  context: Context | (() => Context) = {},
  options: TemplateOptions = {},
): Promise<any> {
  const sources = typeof templates === 'string' ? { main: templates } : templates
  const errors: any[] = []
  for (const generateCode of [true, false]) {
    const engine = new Engine({ templates: sources, ...options, generateCode })
    try {
      await engine.render('main', typeof context === 'function' ? context() : context)
    } catch (error) {
      errors.push(error)
    }
  }
  expect(errors.length, 'number of back ends that failed').toBe(2)
  expect(errors[1].message, 'the interpreter').toBe(errors[0].message)
  return errors[0]
}
