/** JSON values of many rows: MariaDB and MySQL join their texts, for only so can they be ordered and filtered. */
import type { FunctionNode, SqlExpr } from '../../sql/nodes.ts'

/** The aggregate over texts, each of them one item (`"a"`) or member (`"key":"a"`); null where a row does not count. */
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
