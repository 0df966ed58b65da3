import { type Hex, hexToNumber, parseAbi, toHex } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { type Chain, startChain } from '../../../sandbox/chain/start-chain.ts'
import { ChainUnavailable } from '../../../server/gateways/chain/chain.ts'
import { chainViews, dateOf, lastSecond } from '../../../server/gateways/chain/chain-view.ts'
import { type NodeDoor, nodeDoor } from '../attestations/node-door.ts'

const chainId = 43_113
let chain: Chain
let door: NodeDoor
beforeAll(async () => {
  chain = await startChain({ chainId })
  door = await nodeDoor(chain.url)
  await rpc(chain.url, 'anvil_mine', ['0x8'])
})
afterAll(async () => {
  await door[Symbol.asyncDispose]()
  await chain.stop()
})
beforeEach(() => {
  door.fault = null
  door.rewrite = null
  door.asked.length = 0
})

/** Answers with the number of the block that it is called in. */
const clock = '0x000000000000000000000000000000000000c10c'
const abi = parseAbi(['function number() view returns (uint256)'])
const number = { address: clock, abi, functionName: 'number' } as const

const views = (confirmations: number) => chainViews({ chainId, rpcUrl: door.url, confirmations, timeout: 5_000 })
const look = (confirmations = 1) => views(confirmations)(AbortSignal.timeout(5_000))
const blockAt = (block: Hex | 'latest') =>
  rpc<{ number: Hex; hash: Hex; timestamp: Hex }>(chain.url, 'eth_getBlockByNumber', [block, false])

test('a view is of the newest block that is deep enough, and stays there', async () => {
  await rpc(chain.url, 'anvil_setCode', [clock, '0x4360005260206000f3'])
  await rpc(chain.url, 'anvil_mine', ['0x8']) // with the clock in them
  const head = hexToNumber((await blockAt('latest')).number)
  for (const confirmations of [1, 2, 5]) {
    const view = await look(confirmations)
    const block = await blockAt(toHex(head - confirmations + 1))
    expect(view.blockNumber).toBe(BigInt(head - confirmations + 1))
    expect(view.blockHash).toBe(block.hash)
    expect(view.time).toEqual(new Date(hexToNumber(block.timestamp) * 1000))
    expect(await view.call([number])).toEqual([view.blockNumber])
  }

  const view = await look()
  await rpc(chain.url, 'anvil_mine', ['0x3'])
  expect(await view.call([number, number])).toEqual([view.blockNumber, view.blockNumber])
  expect((await look()).blockNumber).toBe(view.blockNumber + 3n)
})

test('a view of a block that was replaced has no more answers', async () => {
  const view = await look()
  await rpc(chain.url, 'anvil_reorg', [2, []])
  await expect(view.call([number])).rejects.toMatchObject({ reason: 'failing' })
  await expect(view.call([number])).rejects.toBeInstanceOf(ChainUnavailable)
})

test('many calls go in few requests, and come back in their order', async () => {
  const view = await look()
  door.asked.length = 0
  const answers = await view.call(Array.from({ length: 250 }, () => number))
  expect(answers).toEqual(Array.from({ length: 250 }, () => view.blockNumber))
  expect(door.asked).toHaveLength(250)
  expect(await view.call([])).toEqual([])
})

test('logs are asked for over so many blocks and up to the one that is looked at, no more', async () => {
  const head = await blockAt('latest')
  for (const height of [5_000, 700]) {
    door.rewrite = ({ method }, result) =>
      method === 'eth_blockNumber' ? toHex(height) : method === 'eth_getBlockByNumber' ? head : result
    const view = await look(3)
    await view.logs({ address: clock, topics: [null], blocks: 1_000n })
  }
  const ranges = door.asked.filter(({ method }) => method === 'eth_getLogs').map(({ params }) => params[0])
  expect(ranges).toEqual([
    { address: clock, topics: [null], fromBlock: toHex(3_998), toBlock: toHex(4_998) },
    { address: clock, topics: [null], fromBlock: '0x0', toBlock: toHex(698) },
  ])
})

test.each([
  ['eth_chainId', null],
  ['eth_chainId', 43_113],
  ['eth_chainId', 'fuji'],
  ['eth_blockNumber', ''],
  ['eth_blockNumber', `0x${'f'.repeat(64)}`],
  ['eth_getBlockByNumber', null],
  ['eth_getBlockByNumber', { hash: '0x12', timestamp: '0x1' }],
  ['eth_getBlockByNumber', { hash: `0x${'ab'.repeat(32)}` }],
  ['eth_getBlockByNumber', { hash: `0x${'ab'.repeat(32)}`, timestamp: `0x${'f'.repeat(16)}` }],
])('a node that answers %s with %j cannot be looked at', async (asked, answer) => {
  door.rewrite = ({ method }, result) => (method === asked ? answer : result)
  await expect(look()).rejects.toThrow()
})

test('times are those that calendars have', () => {
  expect(dateOf(0n)).toEqual(new Date(0))
  expect(dateOf(lastSecond).toISOString()).toBe('9999-12-31T23:59:59.000Z')
  expect(() => dateOf(lastSecond + 1n)).toThrow(RangeError)
  expect(() => dateOf(-1n)).toThrow(RangeError)
})
