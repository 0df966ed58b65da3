import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rpc } from '../../../../sandbox/chain/rpc.ts'
import { type Chain, startChain } from '../../../../sandbox/chain/start-chain.ts'
import { ChainUnavailable } from '../../../../server/gateways/chain/chain.ts'
import { connectRpc } from '../../../../server/gateways/chain/rpc.ts'
import { viewNewestBlock } from '../../../../server/gateways/chain/tokens/block-view.ts'
import { type NodeDoor, nodeDoor, nodeFaults, nodeKey } from '../../attestations/node-door.ts'
import { install } from './support/odd-contracts.ts'
import { account } from './support/world.ts'

const chainId = 432_202
let chain: Chain
let door: NodeDoor
beforeAll(async () => {
  chain = await startChain({ chainId })
  door = await nodeDoor(chain.url)
})
afterAll(async () => {
  await door[Symbol.asyncDispose]()
  await chain.stop()
})
beforeEach(async () => {
  door.fault = null
  door.rewrite = null
  door.asked.length = 0
  await install(chain.url, clock, clockCode)
})

/** Answers with the number of the block that it is called in. */
const clockCode = '0x435f5260205ff3'
const nodes = (timeout = 10_000) => connectRpc({ chainId, rpcUrl: door.url, timeout })
const clock = account('clock')

test('everything is of one block, however many came after it, and goes in one request', async () => {
  await rpc(chain.url, 'anvil_mine', ['0x1'])
  const view = await viewNewestBlock(nodes())
  await rpc(chain.url, 'anvil_mine', ['0x5'])
  door.asked.length = 0
  const attempts = await view.attempt(Array.from({ length: 40 }, () => ({ to: clock, data: '0x' as const })))
  expect(attempts.map((attempt) => attempt.accepted && BigInt(attempt.data!))).toEqual(Array(40).fill(view.number))
  expect(door.asked.every(({ params }) => (params[1] as { blockHash: string }).blockHash === view.hash)).toBe(true)
  expect(await view.code(clock)).toBe(clockCode)
  expect(await view.code(account('nobody'))).toBe('0x')
})

test.each([
  ['a revert with data', '0x60ff5f5260205ffd', `0x${'ff'.padStart(64, '0')}`],
  ['a revert without', '0x5f5ffd', null],
  ['an invalid instruction', '0xfe', null],
  ['a stack that is empty', '0x50', null],
  ['a jump to nowhere', '0x600056', null],
  ['no end', '0x5b5f56', null],
] as const)('%s is the contract’s refusal, not the chain’s silence', async (_, code, data) => {
  await install(chain.url, clock, code)
  const view = await viewNewestBlock(nodes())
  expect(await view.attempt([{ to: clock, data: '0x' }])).toEqual([{ accepted: false, data }])
})

test.each(nodeFaults.filter((fault) => !['reverting', 'empty'].includes(fault)))(
  'a node that is %s says neither yes nor no',
  async (fault) => {
    const view = await viewNewestBlock(nodes(250))
    door.fault = fault
    const asked = view.attempt([{ to: clock, data: '0x' }])
    if (fault === 'other-chain') return void (await asked) // it was asked before which chain it is of
    const error = await asked.catch((caught) => caught)
    expect(error).toBeInstanceOf(ChainUnavailable)
    expect(JSON.stringify([error.message, String(error.cause)])).not.toContain(nodeKey)
    await expect(viewNewestBlock(nodes(250))).rejects.toBeInstanceOf(ChainUnavailable)
  },
)

test.each(['', '0xzz', 7, null, { data: '0x' }])(
  'a node that answers a call with %j is not believed',
  async (answer) => {
    const view = await viewNewestBlock(nodes())
    door.rewrite = ({ method }, result) => (method === 'eth_call' ? answer : result)
    await expect(view.attempt([{ to: clock, data: '0x' }])).rejects.toBeInstanceOf(ChainUnavailable)
  },
)

test.each([null, {}, { hash: '0x12', number: '0x1' }, { hash: `0x${'ab'.repeat(32)}`, number: '' }])(
  'a node that answers %j for its newest block is not looked at',
  async (answer) => {
    door.rewrite = ({ method }, result) => (method === 'eth_getBlockByNumber' ? answer : result)
    await expect(viewNewestBlock(nodes())).rejects.toBeInstanceOf(ChainUnavailable)
  },
)
