/** JSON of MariaDB and MySQL: equal values in one spelling, order, changes, and lists and objects of many rows. */
import type { JsonPatchWords } from '../../sql/json-patch.ts'
import { kindOf } from '../../sql/kinds.ts'
import type { CompareNode, FunctionNode, JsonPathNode, SqlExpr } from '../../sql/nodes.ts'
import type { Output } from '../../sql/output.ts'
import { jsonPathLiteral } from './text.ts'

/** JSON in one spelling, so that equal values are equal whoever wrote them: MariaDB keeps text, MySQL has a type. */
export const JSON_OPEN = '/*M! JSON_NORMALIZE(*//*!80000 CAST(*/'
export const JSON_CLOSE = '/*M! )*//*!80000 AS JSON)*/'

/** How changes inside JSON are said. */
export const JSON_WORDS: JsonPatchWords = {
  constant: (json) => `JSON_EXTRACT('${json}', '$')`,
  is: (type) => ['JSON_TYPE(', `) = '${type.toUpperCase()}'`],
  at: (step) => ['JSON_EXTRACT(', `, ${jsonPathLiteral([step])})`],
  // One by one: given several paths, MariaDB 10.11 leaves some keys with letters beyond ASCII where they are.
  without: (steps) => [
    'JSON_REMOVE('.repeat(steps.length),
    steps.map((step) => `, ${jsonPathLiteral([step])})`).join(''),
  ],
  // For MariaDB the result of CASE is a text, and would be put in as a JSON string.
  put: (step, existing) => [
    existing ? 'JSON_REPLACE(' : 'JSON_SET(',
    `, ${jsonPathLiteral([step])}, JSON_EXTRACT(`,
    ", '$'))",
  ],
  append: ['JSON_ARRAY_APPEND(', ", '$', JSON_EXTRACT(", ", '$'))"],
}

/** How the compiler writes an expression, and one that stands beside an operator. */
interface Writers {
  readonly expr: (node: SqlExpr) => void
  readonly group: (node: SqlExpr) => void
}

/**
 * What stands at a path. To the servers whatever is no list is the first and last item of itself (`1` at `$[0]` is 1):
 * before such an item is taken, that there is a list is asked.
 */
export function writeJsonPath({ from, path, asType }: JsonPathNode, out: Output, expr: (node: SqlExpr) => void): void {
  const at = (steps: JsonPathNode['path']): void => {
    out.sql += 'JSON_EXTRACT('
    expr(from)
    out.sql += `, ${jsonPathLiteral(steps)})`
  }
  const lists = path.flatMap((step, i) => (step === 0 || step === -1 ? [path.slice(0, i)] : []))
  if (lists.length > 0) out.sql += 'IF('
  for (const [i, list] of lists.entries()) {
    out.sql += i === 0 ? 'JSON_TYPE(' : ' AND JSON_TYPE('
    at(list)
    out.sql += ") = 'ARRAY'"
  }
  if (lists.length > 0) out.sql += ', '
  if (asType) out.sql += 'LOWER(JSON_TYPE('
  at(path)
  if (asType) out.sql += '))'
  if (lists.length > 0) out.sql += ', NULL)'
}

/** The text of what is in JSON: none of its null, as on other databases. */
export function writeJsonText(write: () => void, out: Output): void {
  out.sql += 'CASE JSON_TYPE('
  write()
  out.sql += ") WHEN 'NULL' THEN NULL ELSE JSON_UNQUOTE("
  write()
  out.sql += ') END'
}

/** Numbers in the order of numbers, and before them or after the rest, in that of its texts; on MariaDB JSON is text, where 10 comes before 9. */
export function writeJsonKeys(write: () => void, out: Output, direction: 'ASC' | 'DESC'): void {
  out.sql += 'IF(JSON_TYPE('
  write()
  out.sql += ") IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL'), "
  write()
  out.sql += ` + 0e0, NULL) ${direction}, JSON_UNQUOTE(`
  write()
  out.sql += `) COLLATE utf8mb4_bin ${direction}`
}

/** Numbers in JSON are ordered as numbers, anything else as its text; a number and a text not at all. */
export function writeJsonOrder({ left, op, right }: CompareNode, out: Output, { expr, group }: Writers): void {
  const isNumber = (side: SqlExpr): void => {
    out.sql += 'JSON_TYPE('
    expr(side)
    out.sql += ") IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')"
  }
  const value = (side: SqlExpr): void => {
    out.sql += 'JSON_UNQUOTE('
    expr(side)
    out.sql += ')'
  }
  const json = (side: SqlExpr): boolean => kindOf(side) === 'json'
  const both = (write: (side: SqlExpr) => void, between: string): void => {
    write(left)
    out.sql += between
    write(right)
  }
  out.sql += '(CASE WHEN '
  both((side) => {
    if (json(side)) isNumber(side)
    else out.sql += 'TRUE'
  }, ' AND ')
  out.sql += ' THEN '
  both((side) => {
    if (!json(side)) group(side)
    else {
      value(side)
      out.sql += ' + 0e0'
    }
  }, ` ${op} `)
  out.sql += ' WHEN '
  both((side) => {
    if (!json(side)) out.sql += 'TRUE'
    else {
      out.sql += 'NOT '
      isNumber(side)
    }
  }, ' AND ')
  out.sql += ' THEN '
  both((side) => (json(side) ? value(side) : group(side)), ` ${op} `)
  out.sql += ' END)'
}

/**
 * JSON of many rows: the servers join texts, for only so can they be ordered and filtered. The aggregate over texts, each of them one item (`"a"`) or member (`"key":"a"`);
 * null where a row does not count.
 */
export function jsonParts({ filter, ...node }: FunctionNode): FunctionNode {
  const isObject = node.name === 'jsonObjectAgg'
  const value = node.args[isObject ? 1 : 0]!
  const list: SqlExpr = { t: 'function', name: 'jsonArray', args: [value], kind: 'json' }
  const part: SqlExpr = isObject
    ? {
        t: 'raw',
        parts: ['CONCAT(JSON_QUOTE(', "), ':', JSON_EXTRACT(", ", '$[0]'))"],
        nodes: [node.args[0]!, list],
        kind: 'text',
      }
    : { t: 'raw', parts: ['JSON_EXTRACT(', ", '$[0]')"], nodes: [list], kind: 'text' }
  if (filter === undefined) return { ...node, args: [part] }
  const kept: SqlExpr = { t: 'case', when: [{ condition: filter, then: part }], otherwise: null, kind: 'text' }
  return { ...node, args: [kept] }
}
