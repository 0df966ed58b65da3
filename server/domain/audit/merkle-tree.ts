import { hash } from 'node:crypto'

// The tree of RFC 6962 (RFC 9162 names it again): a leaf is the hash of a zero byte and its bytes, a node that of a one byte and
// its two children; of n leaves the left subtree has the largest power of two below n. Sizes and indexes are numbers: 2^53 leaves
// are more than there will be.

/** The root of no leaves. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer')

const pair = Buffer.alloc(65, 1)

/** The hash of a node from those of its children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1)
  pair.set(right, 33)
  return hash('sha256', pair, 'buffer')
}

/** A tree by what it takes to let it grow: how many leaves it has, and the roots of its complete subtrees, largest first. */
export interface Tree {
  size: number
  peaks: Buffer[]
}

/** Told of a node that became complete: the root of the 2^level leaves from index · 2^level on. */
export type OnNode = (level: number, index: number, hash: Buffer) => void

/**
 * Appends the root of 2^level leaves, a leaf's own hash by default, and tells of every node that becomes complete with it, itself
 * included.
 *
 * @throws RangeError when the tree does not end where such a subtree can begin
 */
export function grow(tree: Tree, hash: Buffer, level = 0, onNode?: OnNode): void {
  let index = tree.size / 2 ** level
  if (!Number.isInteger(index)) throw new RangeError(`no subtree of level ${level} begins at leaf ${tree.size}`)
  tree.size += 2 ** level
  let node = hash
  onNode?.(level, index, node)
  while (index % 2 === 1) {
    node = nodeHash(tree.peaks.pop()!, node)
    index = (index - 1) / 2
    level++
    onNode?.(level, index, node)
  }
  tree.peaks.push(node)
}

/** The root of a tree. */
export const rootOf = ({ peaks }: Tree): Buffer => (peaks.length === 0 ? emptyRoot : joined(peaks))

/** The root over complete subtrees that follow one another, each smaller than the one before. */
export const joined = (peaks: readonly Buffer[]): Buffer => peaks.reduceRight((right, left) => nodeHash(left, right))

/** The leaves from `from` up to, not including, `to`. */
export interface Range {
  from: number
  to: number
}

/** A complete subtree: the 2^level leaves from index · 2^level on. */
export interface Subtree {
  level: number
  index: number
}

/** The fewest complete subtrees that make up a range, from left to right. */
export function subtreesOf({ from, to }: Range): Subtree[] {
  const subtrees: Subtree[] = []
  for (let at = from; at < to; ) {
    let level = 0
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level++
    subtrees.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return subtrees
}

/** The subtrees whose roots prove that a leaf is in a tree of this size, from the leaf up. Each ends where a complete one may. */
export function inclusionRanges(index: number, size: number): Range[] {
  const ranges: Range[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const middle = from + split(to - from)
    if (index < middle) {
      ranges.unshift({ from: middle, to })
      to = middle
    } else {
      ranges.unshift({ from, to: middle })
      from = middle
    }
  }
  return ranges
}

/** The subtrees whose roots prove that a tree of one size is what a larger one began as. */
export function consistencyRanges(first: number, second: number): Range[] {
  if (first === 0 || first === second) return []
  const ranges: Range[] = []
  let [from, to, isFirst] = [0, second, true]
  while (first !== to) {
    const middle = from + split(to - from)
    if (first <= middle) {
      ranges.unshift({ from: middle, to })
      to = middle
    } else {
      ranges.unshift({ from, to: middle })
      ;[from, isFirst] = [middle, false]
    }
  }
  return isFirst ? ranges : [{ from, to }, ...ranges]
}

/** The largest power of two below n. */
function split(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

/** Whether a leaf is at `index` of the tree with this size and root, by its path (RFC 9162, 2.1.3.2). */
export function isIncluded(
  leaf: Buffer,
  index: number,
  { size, root }: { size: number; root: Buffer },
  path: readonly Buffer[],
): boolean {
  if (index < 0 || index >= size) return false
  let [at, last, node] = [index, size - 1, leaf]
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node)
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else node = nodeHash(node, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && node.equals(root)
}

/** Whether the first tree is what the second began as, by its path (RFC 9162, 2.1.4.2). */
export function isConsistent(
  first: { size: number; root: Buffer },
  second: { size: number; root: Buffer },
  path: readonly Buffer[],
): boolean {
  if (first.size > second.size) return false
  if (first.size === second.size) return path.length === 0 && first.root.equals(second.root)
  if (first.size === 0) return path.length === 0 && first.root.equals(emptyRoot)
  const isComplete = Number.isInteger(Math.log2(first.size))
  const [start, ...rest] = isComplete ? [first.root, ...path] : path
  if (!start) return false
  let [at, last] = [first.size - 1, second.size - 1]
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  let [before, after] = [start, start]
  for (const sibling of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      before = nodeHash(sibling, before)
      after = nodeHash(sibling, after)
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
    } else after = nodeHash(after, sibling)
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 && before.equals(first.root) && after.equals(second.root)
}
