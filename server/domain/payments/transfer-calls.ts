import { encodeFunctionData, erc20Abi } from 'viem'
import type { Address } from '../../contract/entities.ts'
import type { Call } from '../../gateways/wallet-provider.ts'
import { withReference } from '../transactions/calls.ts'

/** The call that pays: a plain ERC-20 transfer. */
export function transferCalls(transactionId: string, token: Address, recipient: Address, amount: bigint): [Call] {
  const transfer = encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [recipient, amount] })
  return [{ to: token, value: 0n, data: withReference(transfer, transactionId) }]
}
