import { type Hex, hexToNumber, numberToHex } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import { type Chain as LocalChain, startChain } from '../../../sandbox/chain/start-chain.ts'
import type { RpcFault } from '../../../sandbox/rpc-proxy/faults.ts'
import { type RpcProxy, startRpcProxy } from '../../../sandbox/rpc-proxy/start-rpc-proxy.ts'
import { ChainUnavailable, connectChain } from '../../../server/gateways/chain/chain.ts'
import { connectChains, verifyChains } from '../../../server/gateways/chain/chains.ts'
import { connectRpc, type RpcUrl, WrongChain } from '../../../server/gateways/chain/rpc.ts'

const chainId = 99_372
let chain: LocalChain
let stranger: LocalChain
let first: RpcProxy
let second: RpcProxy
beforeAll(async () => {
  ;[chain, stranger] = await Promise.all([startChain({ chainId }), startChain({ chainId: chainId + 1 })])
  ;[first, second] = await Promise.all([startRpcProxy(chain.url), startRpcProxy(chain.url)])
  await rpc(chain.url, 'anvil_mine', ['0x8'])
})
afterAll(async () => {
  await Promise.all([first, second].map((proxy) => proxy[Symbol.asyncDispose]()))
  await Promise.all([chain.stop(), stranger.stop()])
})
beforeEach(() => {
  for (const proxy of [first, second]) {
    Object.assign(proxy.settings, { plan: () => null, lag: 0, retryAfter: 1, allowList: null })
    proxy.asked = {}
    proxy.injected = {}
  }
})

const nowhere = 'http://127.0.0.1:9'
const connect = (rpcUrl: RpcUrl, timeout = 2_000) => connectRpc({ chainId, rpcUrl, timeout })
const height = { method: 'eth_blockNumber', params: [] }
const always = (fault: RpcFault) => (call: { method: string }) => (call.method === 'eth_chainId' ? null : fault)

test.each<RpcFault>(['cut', 'lost', 'limited', 'bad-gateway', 'unfinalized'])(
  'a node that fails (%s) is left for the next one, which is asked first from then on',
  async (fault) => {
    first.settings.plan = always(fault)
    const nodes = connect([first.url, second.url])
    const began = performance.now()
    expect(hexToNumber((await nodes.request(height)) as Hex)).toBe(8)
    expect(await nodes.request(height)).toBe('0x8')
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(first.injected).toEqual({ [fault]: 1 })
    expect(second.asked.eth_blockNumber).toBe(2)
  },
)

test('a node that does not answer in time is left for the next one', async () => {
  first.settings.plan = always('hang')
  expect(await connect([first.url, second.url], 200).request(height)).toBe('0x8')
})

test('a node that nobody listens on is left for the next one', async () => {
  expect(await connect([nowhere, second.url]).request(height)).toBe('0x8')
})

test('however long a node asks us to wait, nobody waits for it longer than a second', async () => {
  Object.assign(first.settings, { plan: always('limited'), retryAfter: 3_600 })
  const began = performance.now()
  await expect(connect(first.url).request(height)).rejects.toThrow('429')
  expect(performance.now() - began).toBeLessThan(2_000)
  expect(first.asked.eth_blockNumber).toBe(2)

  const chainRead = connectChain({ chainId, rpcUrl: first.url, confirmations: 1, finality: 1, entryPoints: [] })
  const again = performance.now()
  await expect(chainRead.blockNumber()).rejects.toBeInstanceOf(ChainUnavailable)
  expect(performance.now() - again).toBeLessThan(2_000)
})

test('a node that has not seen a block yet is asked again with the same request, a few times', async () => {
  let behind = 2
  first.settings.plan = ({ method }) => (method === 'eth_getBlockByNumber' && behind-- > 0 ? 'unfinalized' : null)
  const block = await connect(first.url).request({ method: 'eth_getBlockByNumber', params: [numberToHex(8), false] })
  expect(block).toMatchObject({ number: '0x8' })
  expect(first.asked.eth_getBlockByNumber).toBe(3)

  first.settings.plan = always('unfinalized')
  await expect(connect(first.url).request(height)).rejects.toThrow('cannot query unfinalized data')
  expect(first.injected.unfinalized).toBe(6)
})

test('what a lagging node cannot tell, one that is up to date does', async () => {
  first.settings.lag = 3
  const nodes = connect([first.url, second.url])
  expect(await nodes.request(height)).toBe('0x5')
  const asked = { method: 'eth_getBlockByNumber', params: [numberToHex(8), false] }
  expect(await nodes.request(asked)).toMatchObject({ number: '0x8' })
})

test('an answer that would be the same again is not asked for twice', async () => {
  const call = { to: '0x000000000000000000000000000000000000dead', data: '0x' }
  await rpc(chain.url, 'anvil_setCode', [call.to, '0x60006000fd'])
  await expect(
    connect([first.url, second.url]).request({ method: 'eth_call', params: [call, 'latest'] }),
  ).rejects.toThrow('revert')
  expect([first.asked.eth_call, second.asked.eth_call]).toEqual([1, undefined])
})

test('a node of another chain is asked nothing else, and the reason is told', async () => {
  await using wrong = await startRpcProxy(stranger.url)
  const alone = connect(wrong.url)
  await expect(alone.request(height)).rejects.toThrow(`Node 1 of chain ${chainId} is one of chain ${chainId + 1}`)
  await expect(alone.request(height)).rejects.toBeInstanceOf(WrongChain)
  expect(Object.keys(wrong.asked)).toEqual(['eth_chainId'])

  const together = connect([wrong.url, second.url])
  expect(await together.request(height)).toBe('0x8')
  await expect(together.verify()).rejects.toThrow(`Node 1 of chain ${chainId} is one of chain ${chainId + 1}`)
  expect(Object.keys(wrong.asked)).toEqual(['eth_chainId'])
})

test('at the start every node is asked: a wrong one is named, a silent one is no reason to stay away', async () => {
  const options = { chainId, confirmations: 1, finality: 1, entryPoints: [] }
  const verdict = (rpcUrl: RpcUrl) => verifyChains(connectChains([{ ...options, rpcUrl }]))
  expect(await verdict([first.url, second.url])).toEqual({ wrong: [], silent: [] })
  expect(await verdict([first.url, nowhere])).toEqual({ wrong: [], silent: [`eip155:${chainId}`] })
  expect(await verdict([first.url, stranger.url])).toEqual({
    wrong: [`Node 2 of chain ${chainId} is one of chain ${chainId + 1}. Look at its rpcUrl in CHAINS.`],
    silent: [],
  })
})

test('a chain is found by its number and by its CAIP-2 id', () => {
  const chains = connectChains([{ chainId, rpcUrl: nowhere, confirmations: 1, finality: 1, entryPoints: [] }])
  expect(chains.get(chainId)).toBe(chains.get(`eip155:${chainId}`))
  expect(chains.get(BigInt(chainId))?.chainId).toBe(chainId)
  expect(chains.get('eip155:1')).toBeUndefined()
})
