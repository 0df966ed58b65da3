import type { Node } from 'libpg-query'

type NodeNames<N> = N extends unknown ? keyof N : never
/** The kinds of node in a parsed statement: `SelectStmt`, `FuncCall` and so on. */
export type NodeName = NodeNames<Node>
export type NodeOf<Name extends NodeName> = Extract<Node, Record<Name, unknown>>[Name]

/** Fields that hold a node without naming its kind. */
const kindOfField: Record<string, NodeName> = {
  typeName: 'TypeName',
  returnType: 'TypeName',
  relation: 'RangeVar',
  view: 'RangeVar',
  onConflictClause: 'OnConflictClause',
  returningClause: 'ReturningClause',
  larg: 'SelectStmt',
  rarg: 'SelectStmt',
  over: 'WindowDef',
}

/** Calls `visit` for every node of the tree, parents first. */
export function walk(tree: unknown, visit: (name: NodeName, node: object) => void): void {
  if (Array.isArray(tree)) {
    for (const item of tree) walk(item, visit)
  } else if (tree !== null && typeof tree === 'object') {
    for (const [key, value] of Object.entries(tree)) {
      const name = /^[A-Z]/.test(key) ? (key as NodeName) : kindOfField[key]
      if (name && value !== null && typeof value === 'object') visit(name, value)
      walk(value, visit)
    }
  }
}

/** Every node of one kind in the tree. */
export function all<Name extends NodeName>(tree: unknown, wanted: Name): NodeOf<Name>[] {
  const found: NodeOf<Name>[] = []
  walk(tree, (name, node) => {
    if (name === wanted) found.push(node as NodeOf<Name>)
  })
  return found
}

/** The words of a dotted name, such as a function's; anything that is not a word is left out. */
export const words = (names: Node[] = []): string[] =>
  names.flatMap((name) => ('String' in name ? [name.String.sval ?? ''] : []))
