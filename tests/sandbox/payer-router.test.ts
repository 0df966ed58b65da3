import {
  type Abi,
  type Address,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  getAddress,
  type Hex,
  http,
  keccak256,
  parseAbi,
  parseEventLogs,
  stringToHex,
  toEventSelector,
  toFunctionSelector,
  toHex,
  zeroAddress,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { avalancheFuji } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deterministic, mintUsdc, sandboxContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { sendAsOperator } from '../../sandbox/chain/operator.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import { payerRouterAbi, usdcAbi } from '../../sandbox/contracts/abi.ts'
import feeTokenCode from '../../sandbox/contracts/compiled/FeeToken.json' with { type: 'json' }
import compiled from '../../sandbox/contracts/compiled/PayerRouter.json' with { type: 'json' }
import { balanceOf, testChain, usdc } from './world.ts'

const { payerRouter: router } = sandboxContracts
const contentId = keccak256(stringToHex('3f0c1f0e-6a1d-4b0a-9c53-0d8f6f1f2a11'))
const price = 1_500_000n

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

const reader = () => createPublicClient({ chain: avalancheFuji, transport: http(chain.url), pollingInterval: 20 })

/** All that is called here, and the errors of the libraries beneath. */
const abi = [
  ...payerRouterAbi,
  ...parseAbi([
    'function approve(address spender, uint256 value) returns (bool)',
    'error SafeERC20FailedOperation(address token)',
    'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  ]),
] as const

/** Somebody with gas, and the router in their hands. */
async function somebody() {
  const account = privateKeyToAccount(generatePrivateKey())
  await rpc(chain.url, 'anvil_setBalance', [account.address, toHex(10n ** 20n)])
  const wallet = createWalletClient({ account, chain: avalancheFuji, transport: http(chain.url) })
  const call = async (address: Address, functionName: string, args: readonly unknown[]) => {
    // as a wallet does: what would revert is refused, in the contract's words
    const { request } = await reader().simulateContract({ account, address, abi: abi as Abi, functionName, args })
    return reader().waitForTransactionReceipt({ hash: await wallet.writeContract(request) })
  }
  return {
    address: account.address,
    addPayee: (handle: string, payee: Address = account.address) => call(router, 'addPayee', [handle, payee]),
    updatePayee: (handle: string, payee: Address) => call(router, 'updatePayee', [handle, payee]),
    approve: (token: Address, amount: bigint) => call(token, 'approve', [router, amount]),
    pay: (handle: string, token: Address, amount: bigint) =>
      call(router, 'payAndLogAccess', [contentId, handle, token, amount]),
  }
}

const getPayee = (handle: string) =>
  reader().readContract({ address: router, abi: payerRouterAbi, functionName: 'getPayee', args: [handle] })

let handles = 0
/** A creator under a handle of their own, and a buyer with USDC, approved. */
async function creatorAndBuyer() {
  const [creator, buyer] = await Promise.all([somebody(), somebody()])
  const handle = `creator-${++handles}`
  await creator.addPayee(handle)
  await mintUsdc(chain.url, { to: buyer.address, amount: 10n * price })
  await buyer.approve(usdc, 10n * price)
  return { creator, buyer, handle }
}

/** A token that answers every call with the same word: to `transferFrom` a yes or a no, to `balanceOf` a number that stays. */
async function tokenThatAnswers(word: 0 | 1): Promise<Address> {
  const address = privateKeyToAccount(generatePrivateKey()).address
  // PUSH1 word · PUSH0 · MSTORE · PUSH1 32 · PUSH0 · RETURN
  await rpc(chain.url, 'anvil_setCode', [address, `0x600${word}5f5260205ff3`])
  return address
}

test('it has the functions and the event that callers of the first router know', () => {
  const inAbi = (type: string) => compiled.abi.filter((item) => item.type === type) as { name: string }[]
  const selectors = inAbi('function').map((item) => toFunctionSelector(item as never))
  expect(selectors.toSorted()).toEqual(
    [
      'addPayee(string,address)',
      'getPayee(string)',
      'updatePayee(string,address)',
      'payAndLogAccess(bytes32,string,address,uint256)',
    ]
      .map(toFunctionSelector)
      .toSorted(),
  )
  const accessed = compiled.abi.find((item) => item.name === 'ContentAccessed')!
  expect(toEventSelector(accessed as never)).toBe(toEventSelector('ContentAccessed(bytes32,address,address,uint256)'))
  expect(accessed.inputs.map((input) => (input as { indexed?: boolean }).indexed)).toEqual([true, true, true, false])
})

describe('a payment', () => {
  test('reaches the payee, and is logged with who paid', async () => {
    const { creator, buyer, handle } = await creatorAndBuyer()

    const receipt = await buyer.pay(handle, usdc, price)

    expect(await balanceOf(chain.url, creator.address)).toBe(price)
    const logs = receipt.logs.map(({ address }) => getAddress(address))
    expect(logs).toEqual([usdc, router]) // the money first
    const [event] = parseEventLogs({ abi: payerRouterAbi, logs: receipt.logs })
    expect(event?.args).toEqual({ contentId, payer: buyer.address, creator: creator.address, amount: price })
  })

  test('goes to whom the handle was handed on', async () => {
    const { creator, buyer, handle } = await creatorAndBuyer()
    const heir = await somebody()
    await creator.updatePayee(handle, heir.address)

    await buyer.pay(handle, usdc, price)

    expect(await balanceOf(chain.url, heir.address)).toBe(price)
    expect(await balanceOf(chain.url, creator.address)).toBe(0n)
  })

  test('of nothing is refused', async () => {
    const { buyer, handle } = await creatorAndBuyer()
    await expect(buyer.pay(handle, usdc, 0n)).rejects.toThrow('ZeroAmount')
  })

  test('without an approval, or beyond it, is refused, and moves nothing', async () => {
    const { creator, buyer, handle } = await creatorAndBuyer()
    await buyer.approve(usdc, price - 1n)
    await expect(buyer.pay(handle, usdc, price)).rejects.toThrow('ERC20InsufficientAllowance')
    expect(await balanceOf(chain.url, creator.address)).toBe(0n)
  })

  test('in a token that says no is refused, though it does not revert', async () => {
    const { buyer, handle } = await creatorAndBuyer()
    await expect(buyer.pay(handle, await tokenThatAnswers(0), price)).rejects.toThrow('SafeERC20FailedOperation')
  })

  test('in a token that says yes and moves nothing is refused', async () => {
    const { buyer, handle } = await creatorAndBuyer()
    await expect(buyer.pay(handle, await tokenThatAnswers(1), price)).rejects.toThrow(/NotPaidInFull[\s\S]*\(0\)/)
  })

  test('in a token that keeps a part is refused: the payee would get less than is logged', async () => {
    const { creator, buyer, handle } = await creatorAndBuyer()
    const { address: token, deployment } = deterministic(feeTokenCode.bytecode as Hex)
    const mint = encodeFunctionData({ abi: usdcAbi, functionName: 'mint', args: [buyer.address, 1_000n] })
    await sendAsOperator(chain.url, [deployment, { to: token, data: mint }])
    await buyer.approve(token, 1_000n)
    await expect(buyer.pay(handle, token, 1_000n)).rejects.toThrow(/NotPaidInFull[\s\S]*\(990\)/)
    const read = { address: token, abi: usdcAbi, functionName: 'balanceOf' } as const
    expect(await reader().readContract({ ...read, args: [creator.address] })).toBe(0n)
  })

  test('to oneself is refused: nobody has got anything', async () => {
    const buyer = await somebody()
    await buyer.addPayee('myself')
    await mintUsdc(chain.url, { to: buyer.address, amount: price })
    await buyer.approve(usdc, price)
    await expect(buyer.pay('myself', usdc, price)).rejects.toThrow(/NotPaidInFull[\s\S]*\(0\)/)
  })

  test('in no token, or where no contract is, is refused', async () => {
    const { buyer, handle } = await creatorAndBuyer()
    await expect(buyer.pay(handle, zeroAddress, price)).rejects.toThrow('ZeroAddress')
    await expect(buyer.pay(handle, buyer.address, price)).rejects.toThrow('reverted')
  })

  test('to a handle that nobody has is refused', async () => {
    const { buyer } = await creatorAndBuyer()
    await expect(buyer.pay('nobody', usdc, price)).rejects.toThrow('Handle not found')
    await expect(getPayee('nobody')).rejects.toThrow('Handle not found')
  })
})

describe('a handle', () => {
  test('is registered by its payee alone, and once', async () => {
    const { creator, buyer, handle } = await creatorAndBuyer()
    await expect(buyer.addPayee('somebody-elses', creator.address)).rejects.toThrow('NotThePayee')
    await expect(buyer.addPayee(handle)).rejects.toThrow('HandleTaken')
    await expect(creator.addPayee(handle)).rejects.toThrow('HandleTaken')
    expect(await getPayee(handle)).toBe(creator.address)
  })

  test('is handed on by its payee alone, without anybody above them', async () => {
    const { creator, buyer, handle } = await creatorAndBuyer()
    await expect(buyer.updatePayee(handle, buyer.address)).rejects.toThrow('NotThePayee')
    await expect(buyer.updatePayee('nobody', buyer.address)).rejects.toThrow('Handle not found')
    await creator.updatePayee(handle, buyer.address)
    expect(await getPayee(handle)).toBe(buyer.address)
    await expect(creator.updatePayee(handle, creator.address)).rejects.toThrow('NotThePayee')
  })

  test('leads to no zero address', async () => {
    const { creator, handle } = await creatorAndBuyer()
    await expect(creator.addPayee('zero', zeroAddress)).rejects.toThrow('ZeroAddress')
    await expect(creator.updatePayee(handle, zeroAddress)).rejects.toThrow('ZeroAddress')
  })

  test.each([
    ['nothing', ''],
    ['33 bytes', 'x'.repeat(33)],
    ['fewer characters, but 34 bytes', 'é'.repeat(17)],
  ])('is not %s', async (_, handle) => {
    const { creator } = await creatorAndBuyer()
    await expect(creator.addPayee(handle)).rejects.toThrow('BadHandle')
  })

  test('may have 32 bytes', async () => {
    const { creator } = await creatorAndBuyer()
    await creator.addPayee('y'.repeat(32))
    expect(await getPayee('y'.repeat(32))).toBe(creator.address)
  })
})
