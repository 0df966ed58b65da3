import { type Address, encodeFunctionData, type Hash, type Hex, parseAbi } from 'viem'
import { entryPoint07Address, getUserOperationHash } from 'viem/account-abstraction'
import { signerFromPrivateKey } from '../../../../server/gateways/crossmint/signer.ts'
import type { Call, Submission } from '../../../../server/gateways/wallet-provider.ts'

export const signer = signerFromPrivateKey(`0x${'5e'.repeat(32)}`)
export const wallet: Address = '0x1111111111111111111111111111111111111111'
export const chainId = 43113

const token: Address = '0x5425890298aed601595a70AB815c96711a31Bc65'
const merchant: Address = '0x2222222222222222222222222222222222222222'
const account = parseAbi([
  'function execute(address target, uint256 value, bytes data)',
  'function executeBatch((address target, uint256 value, bytes data)[] calls)',
])

export const transferCall: Call = {
  to: token,
  value: 0n,
  data: encodeFunctionData({
    abi: parseAbi(['function transfer(address to, uint256 amount)']),
    functionName: 'transfer',
    args: [merchant, 1_500_000n],
  }),
}

export const submission: Submission = {
  idempotencyKey: '7f9c2ba4-e88f-4a4b-9b3e-a1b2c3d4e5f6',
  wallet,
  chainId,
  calls: [transferCall],
}

export interface AnswerOptions {
  id?: string
  calls?: readonly Call[]
  status?: 'awaiting-approval' | 'pending' | 'success' | 'failed'
  /** In place of the encoding of the calls. */
  callData?: Hex
  sender?: Address
  /** In place of the true hash of the operation. */
  userOperationHash?: Hash
  /** In place of the hash, what is to be signed. */
  message?: string
  signerAddress?: Address
  txId?: Hash | null
  error?: unknown
  createdAt?: string | number
  chain?: string
}

/** A transaction as Crossmint answers it, its hash computed like an entry point 0.7 does. */
export function transactionAnswer(options: AnswerOptions = {}) {
  const { calls = submission.calls, status = 'awaiting-approval', signerAddress = signer.address } = options
  const operation = {
    sender: options.sender ?? wallet,
    nonce: '0x7',
    callData: options.callData ?? encodeAccountCalls(calls),
    callGasLimit: '0x30d40',
    verificationGasLimit: '0x249f0',
    preVerificationGas: '0xc350',
    maxFeePerGas: '0x6fc23ac00',
    maxPriorityFeePerGas: '0x3b9aca00',
    paymaster: '0x3333333333333333333333333333333333333333',
    paymasterData: '0xabcdef',
    paymasterVerificationGasLimit: '0x7530',
    paymasterPostOpGasLimit: '0x1',
    signature: '0x',
  } as const
  const hash = options.userOperationHash ?? hashOf(operation)
  const named = {
    type: 'external-wallet',
    address: signerAddress,
    locator: `external-wallet:${signerAddress}`,
  }
  const message = options.message ?? hash
  const awaiting = status === 'awaiting-approval'
  return {
    id: options.id ?? 'b984491a-5785-43c0-8811-45d46fe6e520',
    chainType: 'evm',
    walletType: 'smart',
    status,
    params: {
      calls: calls.map(({ to, value, data }) => ({ to, value: value.toString(), data })),
      chain: options.chain ?? 'avalanche-fuji',
      signer: named,
    },
    onChain: {
      userOperation: operation,
      userOperationHash: hash,
      ...(options.txId !== undefined && { txId: options.txId }),
    },
    approvals: {
      pending: awaiting ? [{ signer: named, message }] : [],
      submitted: awaiting
        ? []
        : [{ signature: '0x01', submittedAt: '2026-05-01T10:00:01.000Z', signer: named, message }],
      required: 1,
    },
    createdAt: options.createdAt ?? '2026-05-01T10:00:00.000Z',
    ...(options.error !== undefined && { error: options.error }),
  }
}

export type TransactionAnswer = ReturnType<typeof transactionAnswer>

export function encodeAccountCalls(calls: readonly Call[]): Hex {
  const [call] = calls
  return calls.length === 1
    ? encodeFunctionData({ abi: account, functionName: 'execute', args: [call!.to, call!.value, call!.data] })
    : encodeFunctionData({
        abi: account,
        functionName: 'executeBatch',
        args: [calls.map(({ to, value, data }) => ({ target: to, value, data }))],
      })
}

export function hashOf(operation: {
  sender: Address
  nonce: Hex
  callData: Hex
  callGasLimit: Hex
  verificationGasLimit: Hex
  preVerificationGas: Hex
  maxFeePerGas: Hex
  maxPriorityFeePerGas: Hex
  paymaster: Address
  paymasterData: Hex
  paymasterVerificationGasLimit: Hex
  paymasterPostOpGasLimit: Hex
}): Hash {
  return getUserOperationHash({
    chainId,
    entryPointAddress: entryPoint07Address,
    entryPointVersion: '0.7',
    userOperation: {
      ...operation,
      nonce: BigInt(operation.nonce),
      callGasLimit: BigInt(operation.callGasLimit),
      verificationGasLimit: BigInt(operation.verificationGasLimit),
      preVerificationGas: BigInt(operation.preVerificationGas),
      maxFeePerGas: BigInt(operation.maxFeePerGas),
      maxPriorityFeePerGas: BigInt(operation.maxPriorityFeePerGas),
      paymasterVerificationGasLimit: BigInt(operation.paymasterVerificationGasLimit),
      paymasterPostOpGasLimit: BigInt(operation.paymasterPostOpGasLimit),
      signature: '0x',
    },
  })
}
