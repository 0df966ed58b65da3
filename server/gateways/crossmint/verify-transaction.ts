import type { Address, Hash, Hex } from 'viem'
import {
  entryPoint07Address,
  entryPoint08Address,
  entryPoint09Address,
  getUserOperationHash,
} from 'viem/account-abstraction'
import type { Call } from '../wallet-provider.ts'
import { executesExactly } from './encode-calls.ts'
import type { Transaction, UserOperation } from './schemas.ts'

/** The contract a user operation is for: its address is part of what is signed. */
export interface EntryPoint {
  address: Address
  version: '0.7' | '0.8' | '0.9'
}

export const canonicalEntryPoints: readonly EntryPoint[] = [
  { address: entryPoint07Address, version: '0.7' },
  { address: entryPoint08Address, version: '0.8' },
  { address: entryPoint09Address, version: '0.9' },
]

/** What a transaction must be for us to sign it. `chain` is the slug of `chainId`. */
export interface Expected {
  wallet: Address
  chainId: number
  chain: string
  calls: readonly Call[]
  /** `unverified`: believe the provider that its hash is the hash of the operation it shows. */
  entryPoints: readonly EntryPoint[] | 'unverified'
}

/** Why a transaction is not signed. */
export type Mismatch = 'calldata_mismatch' | 'sender_mismatch' | 'message_mismatch' | 'hash_mismatch'

/**
 * Compares what the provider wants signed with what we asked for: same chain, same calls, in the operation too, from our
 * wallet, and the message is the hash of that very operation. Null when all of it holds.
 */
export function mismatchOf(expected: Expected, transaction: Transaction, message: string): Mismatch | null {
  const { userOperation, userOperationHash } = transaction.onChain
  if (!carriesOurCalls(expected, transaction)) return 'calldata_mismatch'
  if (!userOperation || !executesExactly(userOperation.callData, expected.calls)) return 'calldata_mismatch'
  if (userOperation.sender.toLowerCase() !== expected.wallet.toLowerCase()) return 'sender_mismatch'
  if (!userOperationHash || message.toLowerCase() !== userOperationHash.toLowerCase()) return 'message_mismatch'
  if (expected.entryPoints === 'unverified') return null
  const known = expected.entryPoints.some(
    (entryPoint) => hashOf(userOperation, expected.chainId, entryPoint) === userOperationHash.toLowerCase(),
  )
  return known ? null : 'hash_mismatch'
}

/** Whether the transaction, as the provider describes it, is on our chain with exactly our calls in our order. */
export function carriesOurCalls({ calls, chain }: Pick<Expected, 'calls' | 'chain'>, { params }: Transaction): boolean {
  return (
    params.chain === chain &&
    params.calls?.length === calls.length &&
    params.calls.every((theirs, index) => {
      const call = calls[index]!
      return (
        theirs.to?.toLowerCase() === call.to.toLowerCase() &&
        isWei(theirs.value, call.value) &&
        theirs.data?.toLowerCase() === call.data.toLowerCase()
      )
    })
  )
}

function isWei(text: string | undefined, value: bigint): boolean {
  return text !== undefined && /^(\d+|0x[0-9a-fA-F]+)$/.test(text) && BigInt(text) === value
}

/** Null where the operation is not one that can be hashed, such as a gas limit of more than 128 bits. */
function hashOf(operation: UserOperation, chainId: number, entryPoint: EntryPoint): Hash | null {
  try {
    return getUserOperationHash({
      chainId,
      entryPointAddress: entryPoint.address,
      entryPointVersion: entryPoint.version,
      userOperation: {
        sender: operation.sender,
        nonce: BigInt(operation.nonce),
        callData: operation.callData,
        callGasLimit: BigInt(operation.callGasLimit),
        verificationGasLimit: BigInt(operation.verificationGasLimit),
        preVerificationGas: BigInt(operation.preVerificationGas),
        maxFeePerGas: BigInt(operation.maxFeePerGas),
        maxPriorityFeePerGas: BigInt(operation.maxPriorityFeePerGas),
        signature: '0x', // not part of the hash
        ...(present(operation.factory) && {
          factory: operation.factory,
          factoryData: operation.factoryData ?? '0x',
        }),
        ...(present(operation.paymaster) && {
          paymaster: operation.paymaster,
          paymasterData: operation.paymasterData ?? '0x',
          paymasterVerificationGasLimit: BigInt(operation.paymasterVerificationGasLimit ?? 0),
          paymasterPostOpGasLimit: BigInt(operation.paymasterPostOpGasLimit ?? 0),
        }),
      },
    })
  } catch {
    return null
  }
}

function present(value: Hex | null | undefined): value is Hex {
  return value !== null && value !== undefined && value !== '0x'
}
