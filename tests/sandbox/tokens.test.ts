import {
  type Address,
  createPublicClient,
  encodeFunctionData,
  getAddress,
  type Hex,
  http,
  parseAbi,
  parseEventLogs,
  toFunctionSelector,
} from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendAs } from '../../sandbox/chain/send-as.ts'
import { type Chain, startChain } from '../../sandbox/chain/start-chain.ts'
import { deployToken } from '../../sandbox/tokens/deploy-token.ts'

const abi = parseAbi([
  'function grantRole(bytes32 role, address account)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function transferFrom(address from, address to, uint256 amount) returns (bool)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'function mint(address to, uint256 amount)',
  'function burn(address from, uint256 amount)',
  'function pause()',
  'function unpause()',
  'function changeWhitelist(address account, bool status)',
  'function setFrozenTokens(address account, uint256 amount) returns (bool)',
  'function forcedTransfer(address from, address to, uint256 amount) returns (bool)',
  'function getFrozenTokens(address account) view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function supportsInterface(bytes4 id) view returns (bool)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Frozen(address indexed account, uint256 amount)',
  'event ForcedTransfer(address indexed from, address indexed to, uint256 amount)',
])
type Call = Parameters<typeof encodeFunctionData<typeof abi>>[0]

const account = (name: string): Address => getAddress(`0x${Buffer.from(name.padEnd(20, '.')).toString('hex')}`)
const [admin, agent, alice, bob, broker] = ['admin', 'agent', 'alice', 'bob', 'broker'].map(account) as [
  Address,
  Address,
  Address,
  Address,
  Address,
]
const drafted = ['erc-7943', 'erc-7943-draft'] as const

let chain: Chain
beforeAll(async () => {
  chain = await startChain({ chainId: 432_203 })
})
afterAll(() => chain.stop())

/** A token of which Alice has 100 and Bob may have some. */
async function issued(standard: (typeof drafted)[number]) {
  const token = await deployToken(chain.url, standard, { name: 'Bond', symbol: 'BND', decimals: 6, admin, agent })
  const client = createPublicClient({ transport: http(chain.url) })
  const send = async (from: Address, call: Omit<Call, 'abi'>) => {
    const [hash] = await sendAs(chain.url, from, [{ to: token, data: encodeFunctionData({ abi, ...call } as Call) }])
    return client.getTransactionReceipt({ hash: hash! })
  }
  await send(agent, { functionName: 'changeWhitelist', args: [alice, true] })
  await send(agent, { functionName: 'changeWhitelist', args: [bob, true] })
  await send(agent, { functionName: 'mint', args: [alice, 100n] })
  const frozen = () => client.readContract({ address: token, abi, functionName: 'getFrozenTokens', args: [alice] })
  const supports = (id: Hex) =>
    client.readContract({ address: token, abi, functionName: 'supportsInterface', args: [id] })
  return { send, frozen, supports }
}

const idOf = (...functions: string[]): Hex =>
  `0x${functions
    .reduce((id, each) => id ^ BigInt(toFunctionSelector(each)), 0n)
    .toString(16)
    .padStart(8, '0')}`
const common = [
  'canTransfer(address,address,uint256)',
  'getFrozenTokens(address)',
  'setFrozenTokens(address,uint256)',
  'forcedTransfer(address,address,uint256)',
]
const final = idOf(...common, 'canSend(address)', 'canReceive(address)')
const draft = idOf(...common, 'canTransact(address)')

test('each token tells the interface that it is of, whose id is that of its functions', async () => {
  expect([final, draft]).toEqual(['0x3edbb4c4', '0x29388973'])
  const tokens = { 'erc-7943': await issued('erc-7943'), 'erc-7943-draft': await issued('erc-7943-draft') }
  for (const [standard, { supports }] of Object.entries(tokens)) {
    expect(await supports(final)).toBe(standard === 'erc-7943')
    expect(await supports(draft)).toBe(standard === 'erc-7943-draft')
    expect([await supports('0x01ffc9a7'), await supports('0xffffffff')]).toEqual([true, false])
  }
})

test.each(drafted)('%s: what is taken of the frozen is unfrozen before it moves', async (standard) => {
  const { send, frozen } = await issued(standard)
  await send(agent, { functionName: 'setFrozenTokens', args: [alice, 90n] })
  const forced = await send(agent, { functionName: 'forcedTransfer', args: [alice, bob, 30n] })
  expect(
    parseEventLogs({ abi, logs: forced.logs }).map(({ eventName, args }) => [eventName, ...Object.values(args)]),
  ).toEqual([
    ['Frozen', alice, 70n],
    ['Transfer', alice, bob, 30n],
    ['ForcedTransfer', alice, bob, 30n],
  ])
  const burned = await send(agent, { functionName: 'burn', args: [alice, 10n] })
  expect(parseEventLogs({ abi, logs: burned.logs }).map(({ eventName }) => eventName)).toEqual(['Frozen', 'Transfer'])
  expect(await frozen()).toBe(60n)
})

test.each(drafted)(
  '%s: what is not frozen is taken first, and freezing beyond the balance withholds what comes',
  async (standard) => {
    const { send, frozen } = await issued(standard)
    await send(agent, { functionName: 'setFrozenTokens', args: [alice, 60n] })
    const { logs } = await send(agent, { functionName: 'forcedTransfer', args: [alice, bob, 40n] })
    expect(parseEventLogs({ abi, logs }).map(({ eventName }) => eventName)).toEqual(['Transfer', 'ForcedTransfer'])
    await send(agent, { functionName: 'setFrozenTokens', args: [alice, 500n] })
    await send(agent, { functionName: 'mint', args: [alice, 100n] })
    await send(agent, { functionName: 'burn', args: [alice, 60n] })
    expect(await frozen()).toBe(440n)
    await expect(send(alice, { functionName: 'transfer', args: [bob, 1n] })).rejects.toThrow()
  },
)

test.each(drafted)('%s: whoever spends by an allowance meets the same rules', async (standard) => {
  const { send } = await issued(standard)
  await send(alice, { functionName: 'approve', args: [broker, 100n] })
  await send(broker, { functionName: 'transferFrom', args: [alice, bob, 10n] })
  await send(agent, { functionName: 'setFrozenTokens', args: [alice, 90n] })
  await expect(send(broker, { functionName: 'transferFrom', args: [alice, bob, 1n] })).rejects.toThrow()
  await send(agent, { functionName: 'setFrozenTokens', args: [alice, 0n] })
  await expect(send(broker, { functionName: 'transferFrom', args: [alice, broker, 1n] })).rejects.toThrow()
  await send(agent, { functionName: 'pause' })
  await expect(send(broker, { functionName: 'transferFrom', args: [alice, bob, 1n] })).rejects.toThrow()
})

test.each(drafted)('%s: an admin without a role does nothing that takes one', async (standard) => {
  const { send } = await issued(standard)
  const calls: Omit<Call, 'abi'>[] = [
    { functionName: 'mint', args: [alice, 1n] },
    { functionName: 'burn', args: [alice, 1n] },
    { functionName: 'pause' },
    { functionName: 'changeWhitelist', args: [alice, false] },
    { functionName: 'setFrozenTokens', args: [alice, 1n] },
    { functionName: 'forcedTransfer', args: [alice, bob, 1n] },
  ]
  for (const call of calls) await expect(send(admin, call)).rejects.toThrow('0xe2517d3f') // AccessControlUnauthorizedAccount
})
