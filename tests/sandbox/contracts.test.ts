import {
  type Address,
  concat,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  getContract,
  type Hex,
  hashTypedData,
  http,
  keccak256,
  pad,
  parseEventLogs,
  parseSignature,
  toHex,
} from 'viem'
import { entryPoint07Address, getUserOperationHash } from 'viem/account-abstraction'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { avalancheFuji } from 'viem/chains'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployContracts, entryPointAddress, mintUsdc, sandboxContracts } from '../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../sandbox/chain/rpc.ts'
import type { Chain } from '../../sandbox/chain/start-chain.ts'
import { entryPointAbi, factoryAbi, smartAccountAbi, usdcAbi } from '../../sandbox/contracts/abi.ts'
import {
  accountAddress,
  createAccountData,
  executeData,
  messageHash,
  packUserOperation,
  userOperationHash,
} from '../../sandbox/crossmint/account.ts'
import type { Signer, UserOperation } from '../../sandbox/crossmint/records.ts'
import { balanceOf, payee, testChain, transfer, usdc } from './world.ts'

let chain: Chain
beforeAll(async () => {
  chain = await testChain()
})
afterAll(() => chain.stop())

const newKey = () => privateKeyToAccount(generatePrivateKey())
const client = () => createPublicClient({ chain: avalancheFuji, transport: http(chain.url), pollingInterval: 20 })

/** Somebody with gas to send transactions. */
async function sender() {
  const account = newKey()
  await rpc(chain.url, 'anvil_setBalance', [account.address, toHex(10n ** 20n)])
  return createWalletClient({ account, chain: avalancheFuji, transport: http(chain.url) })
}

async function send(to: Address, data: Hex) {
  const hash = await (await sender()).sendTransaction({ to, data, gas: 5_000_000n })
  return client().waitForTransactionReceipt({ hash })
}

const domain = { name: 'USD Coin', version: '2', chainId: 43_113, verifyingContract: usdc } as const
const fields = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const
const types = {
  TransferWithAuthorization: fields,
  ReceiveWithAuthorization: fields,
  CancelAuthorization: [
    { name: 'authorizer', type: 'address' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

function authorization(from: Address, to: Address, value: bigint) {
  const nonce = keccak256(toHex(`${from} ${Math.random()}`))
  return { from, to, value, validAfter: 0n, validBefore: 2n ** 48n, nonce }
}
const argumentsOf = ({ from, to, value, validAfter, validBefore, nonce }: ReturnType<typeof authorization>) =>
  [from, to, value, validAfter, validBefore, nonce] as const

/** An account of `owner`, not deployed yet. */
function newAccount(owner = newKey()) {
  const adminSigner: Signer = {
    type: 'external-wallet',
    address: owner.address,
    locator: `external-wallet:${owner.address}`,
  }
  const origin = { adminSigner, grants: [], salt: keccak256(owner.address) }
  return { owner, origin, address: accountAddress(sandboxContracts.factory, origin) }
}

function operationOf(account: ReturnType<typeof newAccount>, callData: Hex, nonce: Hex = '0x0'): UserOperation {
  return {
    sender: account.address,
    nonce,
    callData,
    callGasLimit: '0x493e0',
    verificationGasLimit: '0x927c0',
    preVerificationGas: '0x0',
    maxFeePerGas: '0x1',
    maxPriorityFeePerGas: '0x2',
    signature: '0x',
    factory: sandboxContracts.factory,
    factoryData: createAccountData(account.origin),
  }
}

async function signed(account: ReturnType<typeof newAccount>, operation: UserOperation, by = account.owner) {
  const hash = userOperationHash(43_113, operation)
  return { ...operation, signature: await by.signMessage({ message: { raw: hash } }) }
}

const handle = (...operations: UserOperation[]) =>
  encodeFunctionData({
    abi: entryPointAbi,
    functionName: 'handleOps',
    args: [operations.map(packUserOperation), payee],
  })

test('USDC has the domain, decimals and version that EIP-3009 clients sign for', async () => {
  const token = getContract({ address: usdc, abi: usdcAbi, client: client() })
  expect(
    await Promise.all([token.read.name(), token.read.symbol(), token.read.decimals(), token.read.version()]),
  ).toEqual(['USD Coin', 'USDC', 6, '2'])
})

test.each(['bytes', 'v, r, s'])('a plain key authorizes a transfer by signature (%s), once', async (form) => {
  const from = newKey()
  await mintUsdc(chain.url, { to: from.address, amount: 10n })
  const message = authorization(from.address, newKey().address, 7n)
  const signature = await from.signTypedData({ domain, types, primaryType: 'TransferWithAuthorization', message })
  const { v, r, s } = parseSignature(signature)
  const data =
    form === 'bytes'
      ? encodeFunctionData({
          abi: usdcAbi,
          functionName: 'transferWithAuthorization',
          args: [...argumentsOf(message), signature],
        })
      : encodeFunctionData({
          abi: usdcAbi,
          functionName: 'transferWithAuthorization',
          args: [...argumentsOf(message), Number(v), r, s],
        })

  const receipt = await send(usdc, data)

  expect(receipt.status).toBe('success')
  expect(parseEventLogs({ abi: usdcAbi, eventName: 'AuthorizationUsed', logs: receipt.logs })[0]?.args).toEqual({
    authorizer: from.address,
    nonce: message.nonce,
  })
  expect(await balanceOf(chain.url, message.to)).toBe(7n)
  await expect(client().call({ to: usdc, data })).rejects.toThrow('authorization is used or canceled')
})

test('an authorization is refused when expired, not yet valid, altered, or signed by another', async () => {
  const from = newKey()
  const good = authorization(from.address, payee, 1n)
  const attempt = async (message: typeof good, signedMessage = message, by = from) => {
    const signature = await by.signTypedData({
      domain,
      types,
      primaryType: 'TransferWithAuthorization',
      message: signedMessage,
    })
    const args = [...argumentsOf(message), signature] as const
    const data = encodeFunctionData({ abi: usdcAbi, functionName: 'transferWithAuthorization', args })
    return client().call({ to: usdc, data })
  }
  await expect(attempt({ ...good, validBefore: 1n })).rejects.toThrow('authorization is expired')
  await expect(attempt({ ...good, validAfter: 2n ** 47n })).rejects.toThrow('authorization is not yet valid')
  await expect(attempt({ ...good, value: 2n }, good)).rejects.toThrow('invalid signature')
  await expect(attempt(good, good, newKey())).rejects.toThrow('invalid signature')
})

test('receiveWithAuthorization is for the payee alone, and a cancelled authorization is dead', async () => {
  const [from, payeeClient] = [newKey(), await sender()]
  await mintUsdc(chain.url, { to: from.address, amount: 5n })
  const message = authorization(from.address, payeeClient.account.address, 5n)
  const signature = await from.signTypedData({ domain, types, primaryType: 'ReceiveWithAuthorization', message })
  const args = [...argumentsOf(message), signature] as const
  const data = encodeFunctionData({ abi: usdcAbi, functionName: 'receiveWithAuthorization', args })
  await expect(client().call({ to: usdc, data })).rejects.toThrow('caller must be the payee')
  await client().call({ account: payeeClient.account, to: usdc, data })

  const cancellation = { authorizer: from.address, nonce: message.nonce }
  const word = await from.signTypedData({ domain, types, primaryType: 'CancelAuthorization', message: cancellation })
  const cancel = [from.address, message.nonce, word] as const
  await send(usdc, encodeFunctionData({ abi: usdcAbi, functionName: 'cancelAuthorization', args: cancel }))
  await expect(client().call({ account: payeeClient.account, to: usdc, data })).rejects.toThrow('used or canceled')
})

test('a smart account authorizes through ERC-1271', async () => {
  const account = newAccount()
  await send(sandboxContracts.factory, createAccountData(account.origin))
  await mintUsdc(chain.url, { to: account.address, amount: 3n })
  const message = authorization(account.address, newKey().address, 3n)
  const hash = hashTypedData({ domain, types, primaryType: 'TransferWithAuthorization', message })
  const bound = messageHash(43_113, account.address, hash)
  expect(
    await client().readContract({
      address: account.address,
      abi: smartAccountAbi,
      functionName: 'messageHash',
      args: [hash],
    }),
  ).toBe(bound)

  const signature = await account.owner.signMessage({ message: { raw: bound } })
  const args = [...argumentsOf(message), signature] as const
  const receipt = await send(
    usdc,
    encodeFunctionData({ abi: usdcAbi, functionName: 'transferWithAuthorization', args }),
  )

  expect(receipt.status).toBe('success')
  expect(await balanceOf(chain.url, message.to)).toBe(3n)
})

test('the operation hash is the one that viem computes for version 0.7', async () => {
  const account = newAccount()
  const operation = operationOf(account, executeData([{ to: usdc, value: 1n, data: '0x1234' }]))
  const { callGasLimit, verificationGasLimit, nonce, ...rest } = operation
  const ours = userOperationHash(43_113, operation)

  expect(entryPointAddress).toBe(entryPoint07Address)
  expect(ours).toBe(
    getUserOperationHash({
      chainId: 43_113,
      entryPointAddress: entryPoint07Address,
      entryPointVersion: '0.7',
      userOperation: {
        ...rest,
        nonce: BigInt(nonce),
        callGasLimit: BigInt(callGasLimit),
        verificationGasLimit: BigInt(verificationGasLimit),
        preVerificationGas: 0n,
        maxFeePerGas: 1n,
        maxPriorityFeePerGas: 2n,
      },
    }),
  )
  const getUserOpHash = { address: entryPointAddress, abi: entryPointAbi, functionName: 'getUserOpHash' } as const
  expect(await client().readContract({ ...getUserOpHash, args: [packUserOperation(operation)] })).toBe(ours)
})

test('the address of an account is known before the account is', async () => {
  const account = newAccount()
  const { adminSigner, grants, salt } = account.origin
  const args = [adminSigner.address, grants, salt] as const
  const addressOf = { address: sandboxContracts.factory, abi: factoryAbi, functionName: 'addressOf', args } as const
  expect(await client().readContract(addressOf)).toBe(account.address)
})

test('the first operation makes the account, and a batch happens in order', async () => {
  const account = newAccount()
  const to = newKey().address
  await mintUsdc(chain.url, { to: account.address, amount: 10n })
  const calls = [transfer(4n, to), transfer(6n, to)].map((call) => ({ ...call, value: 0n }))

  const receipt = await send(entryPointAddress, handle(await signed(account, operationOf(account, executeData(calls)))))

  const [event] = parseEventLogs({ abi: entryPointAbi, eventName: 'UserOperationEvent', logs: receipt.logs })
  expect(event?.args).toMatchObject({ sender: account.address, success: true, nonce: 0n })
  expect(await client().getCode({ address: account.address })).toBeDefined()
  expect(await balanceOf(chain.url, to)).toBe(10n)
})

test('an operation that reverts is told by its event, moves nothing, and uses up its nonce', async () => {
  const account = newAccount()
  await mintUsdc(chain.url, { to: account.address, amount: 5n })
  const to = newKey().address
  const calls = [transfer(5n, to), transfer(1n, to)].map((call) => ({ ...call, value: 0n }))

  const receipt = await send(entryPointAddress, handle(await signed(account, operationOf(account, executeData(calls)))))

  expect(receipt.status).toBe('success')
  const logs = parseEventLogs({ abi: entryPointAbi, logs: receipt.logs })
  expect(logs.find(({ eventName }) => eventName === 'UserOperationEvent')?.args).toMatchObject({ success: false })
  const reason = logs.find(({ eventName }) => eventName === 'UserOperationRevertReason')?.args as { revertReason: Hex }
  expect(Buffer.from(reason.revertReason.slice(2), 'hex').toString()).toContain('transfer amount exceeds balance')
  expect(await balanceOf(chain.url, to)).toBe(0n)
  const getNonce = { address: entryPointAddress, abi: entryPointAbi, functionName: 'getNonce' } as const
  expect(await client().readContract({ ...getNonce, args: [account.address, 0n] })).toBe(1n)
})

test('a wrong signer, a wrong nonce and a missing account revert the whole bundle by name', async () => {
  const account = newAccount()
  const callData = executeData([{ to: payee, value: 0n, data: '0x' }])
  const attempt = (operation: UserOperation) => client().call({ to: entryPointAddress, data: handle(operation) })

  await expect(attempt(await signed(account, operationOf(account, callData), newKey()))).rejects.toThrow('AA24')
  await expect(attempt(await signed(account, operationOf(account, callData, '0x1')))).rejects.toThrow('AA25')
  const { factory: _, factoryData: __, ...orphan } = operationOf(newAccount(), callData)
  await expect(attempt(orphan)).rejects.toThrow('AA20')
  const strange = operationOf(account, callData)
  await expect(attempt({ ...strange, sender: payee })).rejects.toThrow('AA14')
})

test('nobody but the entry point executes, and nobody initializes an account twice', async () => {
  const account = newAccount()
  await send(sandboxContracts.factory, createAccountData(account.origin))
  const data = executeData([{ to: payee, value: 0n, data: '0x' }])
  await expect(client().call({ to: account.address, data })).rejects.toThrow()
  await expect(client().call({ account: entryPointAddress, to: account.address, data })).resolves.toBeDefined()
  const setSigner = encodeFunctionData({ abi: smartAccountAbi, functionName: 'setSigner', args: [payee, 1] })
  await expect(client().call({ account: account.owner, to: account.address, data: setSigner })).rejects.toThrow()
  const selector = keccak256(toHex('initialize(address,(address,uint48)[])')).slice(0, 10) as Hex
  const initialize = concat([selector, pad(payee), pad('0x40'), pad('0x0')])
  await expect(client().call({ to: account.address, data: initialize })).rejects.toThrow()
})

test('deploying again changes nothing', async () => {
  const before = await rpc(chain.url, 'eth_blockNumber')
  expect(await deployContracts(chain.url)).toEqual(sandboxContracts)
  expect(await rpc(chain.url, 'eth_blockNumber')).toBe(before)
})
