import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorOf } from '../../../client-sdk/index.ts'
import { anotherToken, anyAddress } from '../../http/support/inputs.ts'
import { growth, rowCounts } from '../../http/support/rows.ts'
import { testWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld({ workers: false })
})
afterAll(() => world[Symbol.asyncDispose]())

const register = (address: string, chainId = 43_113) => world.operator.assets.register.mutate({ chainId, address })
const refused = async (address: string, chainId?: number) => {
  const before = await rowCounts(world.database)
  const error = await register(address, chainId).then(() => expect.unreachable('It was registered'), errorOf)
  expect(growth(before, await rowCounts(world.database))).toEqual({})
  return error
}

test('symbol and decimals are what the contract says; registered again, it is the same asset', async () => {
  const address = await anotherToken(world)
  const before = await rowCounts(world.database)
  const all = await Promise.all(Array.from({ length: 10 }, () => register(address)))
  expect(new Set(all.map(({ id }) => id)).size).toBe(1)
  expect(all[0]).toMatchObject({ chain: 'eip155:43113', symbol: 'TEST', decimals: 6 })
  expect(growth(before, await rowCounts(world.database))).toEqual({ asset: 1, audit: 1, event: 1 })
  expect((await world.client.assets.list.query({})).items).toContainEqual(all[0])
})

test('an address without a contract, a contract that is no token, a chain that is not configured', async () => {
  expect(await refused(anyAddress())).toMatchObject({ code: 'NOT_A_TOKEN', status: 422 })
  expect(await refused(world.contracts.factory)).toMatchObject({ code: 'NOT_A_TOKEN' })
  const unknown = await refused(world.contracts.usdc, 1)
  expect(unknown).toMatchObject({ code: 'CHAIN_NOT_SUPPORTED' })
  expect(unknown.message).toContain('eip155:43113')
})

test('a token may have any name that can be shown', async () => {
  expect((await register(await anotherToken(world, '€URØ'))).symbol).toBe('€URØ')
})

test.each([
  ['no symbol', ''],
  ['a NUL in its symbol', 'US\u0000DC'],
  ['a line break in its symbol', 'USDC\nfake'],
  ['text that turns around', 'USD\u202eC'],
  ['a symbol of a thousand characters', 'x'.repeat(1_000)],
  ['a symbol that is no text', new Uint8Array([0xff, 0xfe, 0xc0])],
])('a token with %s is refused', async (_name, symbol) => {
  expect(await refused(await anotherToken(world, symbol))).toMatchObject({ code: 'NOT_A_TOKEN', status: 422 })
})
