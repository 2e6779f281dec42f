/** Templates held in an object: for tests, and for what `nuages build` wrote ahead. */
import type { TemplateLoader } from './loader.ts'

/** `memoryLoader({ 'a.html': 'Hello {{ name }}' })`. Own keys only. */
export function memoryLoader(templates: Readonly<Record<string, string>>): TemplateLoader {
  const origin = (name: string): string => `memory:${name}`
  return {
    find(name, skip) {
      if (!Object.hasOwn(templates, name) || skip.has(origin(name))) return null
      return { source: templates[name]!, origin: origin(name) }
    },
    places: (name) => [origin(name)],
  }
}
