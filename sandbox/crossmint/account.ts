import {
  type Address,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  getContractAddress,
  type Hex,
  keccak256,
  numberToHex,
  pad,
  size,
  toHex,
} from 'viem'
import { entryPointAddress } from '../chain/deploy-contracts.ts'
import { factoryAbi, smartAccountAbi } from '../contracts/abi.ts'
import smartAccount from '../contracts/compiled/SmartAccount.json' with { type: 'json' }
import type { Call, UserOperation, Wallet } from './records.ts'

/** The smart account of a wallet, worked out without asking the chain. */

const noSalt = pad('0x', { size: 32 })
const grantsType = { type: 'tuple[]', components: [{ type: 'address' }, { type: 'uint48' }] } as const
const masterCopyCode = concat([
  smartAccount.bytecode as Hex,
  encodeAbiParameters([{ type: 'address' }], [entryPointAddress]),
])
const messageTypeHash = keccak256(toHex('AccountMessage(uint256 chainId,address account,bytes32 hash)'))

type Origin = Pick<Wallet, 'adminSigner' | 'grants' | 'salt'>

const masterCopies = new Map<Address, Address>()

function masterCopyOf(factory: Address): Address {
  let address = masterCopies.get(factory)
  if (!address) {
    address = getContractAddress({ opcode: 'CREATE2', from: factory, salt: noSalt, bytecode: masterCopyCode })
    masterCopies.set(factory, address)
  }
  return address
}

/** The code that the account has once it exists: a minimal proxy (ERC-1167). */
export function accountCode(factory: Address): Hex {
  return concat(['0x363d3d373d3d3d363d73', masterCopyOf(factory), '0x5af43d82803e903d91602b57fd5bf3'])
}

/** Where the account is or will be, the same on every chain. */
export function accountAddress(factory: Address, { adminSigner, grants, salt }: Origin): Address {
  const bytecode = concat(['0x3d602d80600a3d3981f3', accountCode(factory)])
  const inner = encodeAbiParameters(
    [{ type: 'address' }, grantsType, { type: 'bytes32' }],
    [adminSigner.address, grants.map(({ signer, validUntil }) => [signer, validUntil] as const), salt],
  )
  return getContractAddress({ opcode: 'CREATE2', from: factory, salt: keccak256(inner), bytecode })
}

/** The call of the factory that makes the account. */
export function createAccountData({ adminSigner, grants, salt }: Origin): Hex {
  return encodeFunctionData({
    abi: factoryAbi,
    functionName: 'createAccount',
    args: [adminSigner.address, grants, salt],
  })
}

/** The account's calldata that makes the calls, all or none: ERC-7579 `execute`, single or batch. */
export function executeData(calls: readonly Call[]): Hex {
  const [call] = calls
  if (calls.length === 1 && call) {
    const execution = concat([call.to, numberToHex(call.value, { size: 32 }), call.data])
    return encodeFunctionData({ abi: smartAccountAbi, functionName: 'execute', args: [noSalt, execution] })
  }
  const execution = encodeAbiParameters(
    [{ type: 'tuple[]', components: [{ type: 'address' }, { type: 'uint256' }, { type: 'bytes' }] }],
    [calls.map(({ to, value, data }) => [to, value, data] as const)],
  )
  const batch = pad('0x01', { dir: 'right', size: 32 })
  return encodeFunctionData({ abi: smartAccountAbi, functionName: 'execute', args: [batch, execution] })
}

/** What a signer of the account has to sign for `hash` to pass its ERC-1271 check. */
export function messageHash(chainId: number, account: Address, hash: Hex): Hex {
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }],
      [messageTypeHash, BigInt(chainId), account, hash],
    ),
  )
}

/** The operation as the entry point takes it. */
export function packUserOperation(operation: UserOperation) {
  const { verificationGasLimit, callGasLimit, maxPriorityFeePerGas, maxFeePerGas, factory, factoryData } = operation
  return {
    sender: operation.sender,
    nonce: BigInt(operation.nonce),
    initCode: factory && factoryData ? concat([factory, factoryData]) : '0x',
    callData: operation.callData,
    accountGasLimits: concat([pad(verificationGasLimit, { size: 16 }), pad(callGasLimit, { size: 16 })]),
    preVerificationGas: BigInt(operation.preVerificationGas),
    gasFees: concat([pad(maxPriorityFeePerGas, { size: 16 }), pad(maxFeePerGas, { size: 16 })]),
    paymasterAndData: '0x',
    signature: operation.signature,
  } as const
}

/** The hash that version 0.7 of the entry point gives the operation on a chain. */
export function userOperationHash(chainId: number, operation: UserOperation): Hex {
  const packed = packUserOperation(operation)
  const inner = encodeAbiParameters(
    [
      { type: 'address' },
      { type: 'uint256' },
      { type: 'bytes32' },
      { type: 'bytes32' },
      { type: 'bytes32' },
      { type: 'uint256' },
      { type: 'bytes32' },
      { type: 'bytes32' },
    ],
    [
      packed.sender,
      packed.nonce,
      keccak256(packed.initCode),
      keccak256(packed.callData),
      packed.accountGasLimits,
      packed.preVerificationGas,
      packed.gasFees,
      keccak256(packed.paymasterAndData),
    ],
  )
  return keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'address' }, { type: 'uint256' }],
      [keccak256(inner), entryPointAddress, BigInt(chainId)],
    ),
  )
}

/** A signature that can be checked before the account exists (ERC-6492). */
export function wrapSignature(factory: Address, wallet: Origin, signature: Hex): Hex {
  return concat([
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'bytes' }, { type: 'bytes' }],
      [factory, createAccountData(wallet), signature],
    ),
    `0x${'6492'.repeat(16)}`,
  ])
}

/** Checksummed, or null for what is no address. */
export function readAddress(text: string): Address | null {
  return /^0x[0-9a-fA-F]{40}$/.test(text) && size(text as Hex) === 20 ? getAddress(text) : null
}
