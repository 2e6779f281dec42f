/** Where a style sheet or a script names other files. */

/** A comment; `url(...)`, quoted or not; `@import "..."`. Each part can be matched in one way only: linear time. */
const CSS =
  /\/\*[\s\S]*?\*\/|\burl\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^"'()\s][^()\s"']*))\s*\)|@import\s+(?:"([^"\n]*)"|'([^'\n]*)')/gi
/**
 * A block comment; `import … from './x.js'`, `import './x.js'`, `export … from './x.js'` where a statement begins;
 * `import('./x.js')`. Only relative references: an import map or another site says where the others are.
 */
const MODULE =
  /\/\*(?:[\s\S]*?\*\/|[\s\S]*$)|(?:^|[;}])\s*(?:import|export)\b(?:[\w\s$,*{}\u0080-\uffff]{0,4000}?\bfrom)?\s*(["'])(\.{1,2}\/[^"'\n]*)\1|\bimport\(\s*(["'])(\.{1,2}\/[^"'\n]*)\3\s*[,)]/gm
/** The last line of a built file. */
const SOURCE_MAP = /(\/\/[#@] sourceMappingURL=)(\S+)(\s*)$|(\/\*[#@] sourceMappingURL=)(\S+)(\s*\*\/\s*)$/

/** Gives the new name of a file that is referred to, or null to leave the reference as it is. */
export type Rename = (reference: string) => string | null

/** A style sheet with its references renamed. Those to other sites, data and parts of the page stay. */
export function renameInCss(css: string, rename: Rename): string {
  return css.replace(CSS, (all: string, ...groups: (string | undefined)[]) => {
    const reference = groups.slice(0, 5).find((group) => group !== undefined)
    if (reference === undefined || isElsewhere(reference)) return all
    const { path, rest } = splitReference(reference)
    const renamed = rename(path)
    return renamed === null ? all : all.replace(reference, () => renamed + rest)
  })
}

/** A script with the modules it imports renamed, where they are named by a relative path. */
export function renameInModule(script: string, rename: Rename): string {
  return script.replace(MODULE, (all: string, ...groups: (string | undefined)[]) => {
    const reference = groups[1] ?? groups[3]
    if (reference === undefined) return all
    const { path, rest } = splitReference(reference)
    const renamed = rename(path)
    // The last text of the match is the reference: names before it may contain the same characters.
    const at = all.lastIndexOf(reference)
    return renamed === null ? all : all.slice(0, at) + renamed + rest + all.slice(at + reference.length)
  })
}

/** Text whose last line names a source map, with that renamed. */
export function renameSourceMap(text: string, rename: Rename): string {
  const tail = text.slice(-2000)
  const match = SOURCE_MAP.exec(tail)
  const reference = match?.[2] ?? match?.[5]
  if (reference === undefined || isElsewhere(reference)) return text
  const renamed = rename(reference)
  return renamed === null ? text : text.slice(0, -tail.length) + tail.replace(reference, () => renamed)
}

/** The path a reference in a file leads to; null when it leaves the static files. */
export function resolveReference(from: string, reference: string): string | null {
  const parts = from.split('/').slice(0, -1)
  for (const part of decode(reference).split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join('/')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `#part`, `data:`, `https:`, `//host` and `/absolute`: not ours to rename. */
function isElsewhere(reference: string): boolean {
  return reference === '' || /^(?:[#/]|[a-z][a-z0-9+.-]*:)/i.test(reference)
}

function splitReference(reference: string): { path: string; rest: string } {
  const at = reference.search(/[?#]/)
  return at === -1 ? { path: reference, rest: '' } : { path: reference.slice(0, at), rest: reference.slice(at) }
}
