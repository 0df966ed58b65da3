import {
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  pad,
  parseAbi,
  parseAbiParameters,
  toHex,
} from 'viem'
import type { Call } from '../wallet-provider.ts'

const account = parseAbi([
  'function execute(address target, uint256 value, bytes data)',
  'function executeBatch((address target, uint256 value, bytes data)[] calls)',
])
const modularAccount = parseAbi(['function execute(bytes32 mode, bytes executionCalldata)'])
const executions = parseAbiParameters('(address target, uint256 value, bytes data)[]')

// the first byte of an ERC-7579 mode is the kind of call; the second is zero so that one failed call undoes them all
const oneCall = pad('0x00', { size: 32 })
const manyCalls = pad('0x01', { dir: 'right', size: 32 })

/** Every way we know to tell an account to execute these calls. */
const encodings: readonly ((calls: readonly Call[]) => Hex | null)[] = [
  function execute([call, ...more]) {
    if (!call || more.length > 0) return null
    return encodeFunctionData({ abi: account, functionName: 'execute', args: [call.to, call.value, call.data] })
  },
  function executeBatch(calls) {
    return encodeFunctionData({ abi: account, functionName: 'executeBatch', args: [calls.map(toExecution)] })
  },
  function modularSingle([call, ...more]) {
    if (!call || more.length > 0) return null
    const packed = concat([call.to, toHex(call.value, { size: 32 }), call.data])
    return encodeFunctionData({ abi: modularAccount, functionName: 'execute', args: [oneCall, packed] })
  },
  function modularBatch(calls) {
    const encoded = encodeAbiParameters(executions, [calls.map(toExecution)])
    return encodeFunctionData({ abi: modularAccount, functionName: 'execute', args: [manyCalls, encoded] })
  },
]

/**
 * Whether an account given `callData` executes exactly these calls, in this order, all or nothing.
 *
 * Whole encodings are compared byte by byte: an account function we do not know, another mode, another padding or one byte
 * more is a no.
 */
export function executesExactly(callData: Hex, calls: readonly Call[]): boolean {
  const wanted = callData.toLowerCase()
  return encodings.some((encode) => encode(calls)?.toLowerCase() === wanted)
}

function toExecution({ to, value, data }: Call) {
  return { target: to, value, data }
}
