import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  consistencyRanges,
  grow,
  inclusionRanges,
  isConsistent,
  isIncluded,
  joined,
  type Range,
  rootOf,
  subtreesOf,
  type Tree,
} from '../../../server/domain/audit/merkle-tree.ts'
import { leafHash } from '../../../server/domain/audit/trail.ts'

const emptyTree = (): Tree => ({ size: 0, peaks: [] })

function treeOf(leaves: readonly Buffer[]): Tree {
  const tree = emptyTree()
  for (const leaf of leaves) grow(tree, leaf)
  return tree
}

/** MTH of RFC 6962, 2.1, word for word. */
function rootByDefinition(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return hash('sha256', '', 'buffer')
  if (leaves.length === 1) return leaves[0]!
  let k = 1
  while (k * 2 < leaves.length) k *= 2
  const [left, right] = [rootByDefinition(leaves.slice(0, k)), rootByDefinition(leaves.slice(k))]
  return hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer')
}

const rangeRoots = (leaves: readonly Buffer[], ranges: Range[]) =>
  ranges.map(({ from, to }) => rootByDefinition(leaves.slice(from, to)))

// The vectors of Certificate Transparency's own implementations (google/certificate-transparency, transparency-dev/merkle).
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => leafHash(Buffer.from(hex, 'hex')),
)
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('the root of nothing, and of the published leaves one by one', () => {
  expect(rootOf(emptyTree()).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  const tree = emptyTree()
  const grown = inputs.map((leaf) => {
    grow(tree, leaf)
    return rootOf(tree).toString('hex')
  })
  expect(grown).toEqual(roots)
})

const inclusionVectors: [index: number, size: number, path: string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]

test.each(inclusionVectors)('the published path of leaf %d in a tree of %d', (index, size, path) => {
  const found = rangeRoots(inputs, inclusionRanges(index, size))
  expect(found.map((one) => one.toString('hex'))).toEqual(path)
  expect(isIncluded(inputs[index]!, index, { size, root: Buffer.from(roots[size - 1]!, 'hex') }, found)).toBe(true)
})

const consistencyVectors: [first: number, second: number, path: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]

const treeAt = (size: number) => ({ size, root: Buffer.from(roots[size - 1]!, 'hex') })

test.each(consistencyVectors)('the published path from a tree of %d to one of %d', (first, second, path) => {
  const found = rangeRoots(inputs, consistencyRanges(first, second))
  expect(found.map((one) => one.toString('hex'))).toEqual(path)
  expect(isConsistent(treeAt(first), treeAt(second), found)).toBe(true)
})

const leaves = Array.from({ length: 300 }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)))
const rootsOf = leaves.map((_, index) => rootByDefinition(leaves.slice(0, index + 1)))
const sizes = fc.integer({ min: 1, max: leaves.length })

test('every size has the root of the definition', () => {
  const tree = emptyTree()
  for (const [index, leaf] of leaves.entries()) {
    grow(tree, leaf)
    expect(rootOf(tree).equals(rootsOf[index]!)).toBe(true)
  }
})

test('a range is made up of complete subtrees; grown by those, a tree is the same', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, seed) => {
      const middle = seed % (size + 1)
      const tree = treeOf(leaves.slice(0, middle))
      for (const { level, index } of subtreesOf({ from: middle, to: size })) {
        expect(tree.size).toBe(index * 2 ** level)
        grow(tree, rootByDefinition(leaves.slice(tree.size, tree.size + 2 ** level)), level)
      }
      expect(rootOf(tree).equals(rootsOf[size - 1]!)).toBe(true)
    }),
  )
})

test('a subtree does not go where none of its size begins', () => {
  expect(() => grow(treeOf(leaves.slice(0, 3)), leaves[0]!, 1)).toThrow(RangeError)
})

test('nodes are told of once each, when they are complete', () => {
  const told = new Map<string, Buffer>()
  const tree = emptyTree()
  for (const leaf of leaves.slice(0, 100))
    grow(tree, leaf, 0, (level, index, node) => {
      expect(told.has(`${level}/${index}`)).toBe(false)
      told.set(`${level}/${index}`, node)
    })
  for (let level = 0; 2 ** level <= 100; level++)
    for (let index = 0; (index + 1) * 2 ** level <= 100; index++)
      expect(told.get(`${level}/${index}`)).toEqual(
        rootByDefinition(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
      )
  expect(told.size).toBe(100 + 50 + 25 + 12 + 6 + 3 + 1)
})

test('every leaf of every tree is proven, and by its own path alone', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, a, b, c) => {
      const [index, other] = [a % size, b % size]
      const whole = { size, root: rootsOf[size - 1]! }
      const path = rangeRoots(leaves, inclusionRanges(index, size))
      for (const { from, to } of inclusionRanges(index, size)) {
        const peaks = subtreesOf({ from, to }).map(({ level, index: at }) =>
          rootByDefinition(leaves.slice(at * 2 ** level, (at + 1) * 2 ** level)),
        )
        expect(joined(peaks)).toEqual(rootByDefinition(leaves.slice(from, to)))
      }
      expect(isIncluded(leaves[index]!, index, whole, path)).toBe(true)
      if (other !== index) {
        expect(isIncluded(leaves[other]!, index, whole, path)).toBe(false)
        expect(isIncluded(leaves[index]!, other, whole, path)).toBe(false)
      }
      expect(isIncluded(leaves[index]!, index, whole, [...path, leaves[0]!])).toBe(false)
      expect(isIncluded(leaves[index]!, index + size, whole, path)).toBe(false)
      if (path.length > 0) {
        expect(isIncluded(leaves[index]!, index, whole, path.slice(1))).toBe(false)
        const bent = path.map((one, at) => (at === c % path.length ? leafHash(one) : one))
        expect(isIncluded(leaves[index]!, index, whole, bent)).toBe(false)
      }
    }),
  )
})

test('every tree is shown to go on from every smaller one, and from no other', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (second, a, c) => {
      const first = 1 + (a % second)
      const [before, after] = [first, second].map((size) => ({ size, root: rootsOf[size - 1]! })) as [
        { size: number; root: Buffer },
        { size: number; root: Buffer },
      ]
      const path = rangeRoots(leaves, consistencyRanges(first, second))
      expect(isConsistent(before, after, path)).toBe(true)
      expect(isConsistent({ ...before, root: leaves[0]! }, after, path)).toBe(first === 1)
      expect(isConsistent(before, { ...after, root: leafHash(after.root) }, path)).toBe(false)
      expect(isConsistent(before, after, [...path, leaves[0]!])).toBe(false)
      if (first < second) {
        expect(isConsistent(after, before, path)).toBe(false)
        expect(isConsistent(before, after, path.slice(1))).toBe(false)
        const bent = path.map((one, at) => (at === c % path.length ? leafHash(one) : one))
        expect(isConsistent(before, after, bent)).toBe(false)
      }
    }),
  )
})

test('the empty tree is what every tree began as', () => {
  const nothing = { size: 0, root: rootOf(emptyTree()) }
  expect(isConsistent(nothing, treeAt(5), [])).toBe(true)
  expect(isConsistent(nothing, treeAt(5), [leaves[0]!])).toBe(false)
  expect(isConsistent({ ...nothing, root: leaves[0]! }, treeAt(5), [])).toBe(false)
})
