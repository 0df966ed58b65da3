import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { breaksOf } from '../../scripts/sdk/compare.ts'
import { compile, emptyProject } from '../../scripts/sdk/compile.ts'

const published = await readFile(new URL('../../client-sdk/api/index.d.ts', import.meta.url), 'utf8')

/** The published declarations with one thing changed, which must be there to be. */
function changed(from: string | RegExp, to: string): string {
  const text = published.replace(from, to)
  expect(text).not.toBe(published)
  return text
}

const consumer = `
import { createClient } from './published.js'
const client = createClient({ url: 'https://provider.example.com' })
export const hash: string | null = (await client.payments.get.query({ paymentId: '1' })).transactionHash
`

test('a field that is gone from an output fails the gate, and whoever reads it', async () => {
  const without = changed(/(type Payment = \{[\s\S]*?)\ttransactionHash: Hash \| null\n/, '$1')
  expect((await breaksOf(published, without)).join('\n')).toMatch(/^the output of payments\.get: .*transactionHash/m)

  await using project = await emptyProject()
  await project.write('consumer.ts', consumer)
  await project.write('published.d.ts', published)
  expect((await compile(project, ['consumer.ts'])).problems).toEqual([])
  await project.write('published.d.ts', without)
  const { problems } = await compile(project, ['consumer.ts'])
  expect(problems.filter((problem) => problem.startsWith('consumer.ts'))).toEqual([
    expect.stringContaining("Property 'transactionHash' does not exist"),
  ])
})

test.for<[string, () => string, RegExp]>([
  [
    'an input that is newly required',
    () => changed('quote: Query<{ ', 'quote: Query<{ tip: bigint; '),
    /input of payments\.quote/,
  ],
  ['a procedure that is gone', () => changed(/\tcancel: Mutation<\{ paymentId[^\n]*\n/, ''), /payments\.cancel/],
  ['an export that is gone', () => changed('export type Paywall =', 'type Paywall ='), /the export Paywall/],
  ['a query that is a mutation', () => changed('quote: Query<', 'quote: Mutation<'), /payments\.quote/],
])('%s fails the gate', async ([, after, told]) => {
  expect((await breaksOf(published, after())).join('\n')).toMatch(told)
})

test('what is added breaks nothing', async () => {
  const added = changed("'INVALID_INPUT' |", "'INVALID_INPUT' | 'SOMETHING_NEW' |")
    .replace('quote: Query<{ ', 'tip: Query<void, App>\n\tquote: Query<{ tip?: bigint; ')
    .replace('type Payment = {', 'type Payment = {\n\ttip: bigint | null')
  expect(await breaksOf(published, added)).toEqual([])
})
