import { type Address, encodeFunctionData } from 'viem'
import { erc20, erc7943, managed } from './abi.ts'
import type { BlockView } from './block-view.ts'
import { customaryRoles } from './customary-roles.ts'
import { type Inquiries, inquiriesInto } from './inquiries.ts'
import { type Inquiry, inquire, question } from './questions.ts'
import { requireHolder } from './require-holder.ts'
import {
  type TokenCapabilities,
  type TokenOperation,
  type TokenOperationName,
  type TokenProfile,
  TokenRefused,
  type TokenStandard,
} from './token-profile.ts'

/** Where the standards differ that leave minting, burning, pausing and the list of holders to custom. */
export interface ManagedStandard {
  standard: TokenStandard
  /** What it says of a holder's transfer, beside the balance. */
  transfer(token: Address, operation: Of<'transfer'>, inquiries: Inquiries): Inquiry[]
  /** What it says of who is to get something from the issuer. */
  mayReceive(token: Address, account: Address, inquiries: Inquiries): Inquiry[]
  /** Whether a holder's balance may be frozen in part. */
  freezes: boolean
}

export type Of<Name extends TokenOperationName> = Extract<TokenOperation, { type: Name }>

/** A token whose standard says how holders' transfers are judged, and whose issuer's functions are those that are customary. */
export function managedToken(
  { standard, transfer, mayReceive, freezes }: ManagedStandard,
  token: Address,
  capabilities: TokenCapabilities,
): TokenProfile {
  function inquiriesFor(view: BlockView, operation: TokenOperation, sender: Address): Inquiry[] {
    const ask = inquiriesInto(view, token)
    const role = (name: Exclude<TokenOperationName, 'transfer'>) =>
      ask.customaryRole(sender, name, customaryRoles[name])
    const frozen = (holder: Address) => question(token, erc7943, 'getFrozenTokens', holder)
    switch (operation.type) {
      case 'transfer': {
        const { from, to, amount } = operation
        return [
          ask.senderIsHolder(sender, from),
          ask.accounts(from, to),
          ask.notPaused(),
          ask.balance(from, amount, freezes ? frozen(from) : undefined),
          ...transfer(token, operation, ask),
        ]
      }
      case 'mint':
        return [
          role('mint'),
          ask.accounts(operation.to),
          ask.supply(operation.amount),
          ...mayReceive(token, operation.to, ask),
        ]
      case 'burn':
        return [role('burn'), ask.accounts(operation.from), ask.balance(operation.from, operation.amount)]
      case 'freeze':
        return [role('freeze'), ask.accounts(operation.holder)]
      case 'forced-transfer': {
        const { from, to, amount } = operation
        return [
          role('forced-transfer'),
          ask.accounts(from, to),
          ask.balance(from, amount),
          ...mayReceive(token, to, ask),
        ]
      }
      case 'pause':
      case 'unpause':
        return [role(operation.type), ask.pauseIs(operation.type === 'unpause')]
      case 'allow':
      case 'disallow':
        return [role(operation.type), ask.accounts(operation.holder)]
    }
  }

  return {
    standard,
    token,
    capabilities,
    checks: (view, operation, sender) => inquire(view, inquiriesFor(view, operation, sender)),

    async prepare(_, operation, sender) {
      if (!capabilities[operation.type])
        throw new TokenRefused(
          'OPERATION_NOT_SUPPORTED_BY_TOKEN',
          `The token ${token} has nothing for ${operation.type}.`,
        )
      requireHolder(operation, sender)
      return { from: sender, to: token, data: dataOf(operation) }
    },
  }
}

function dataOf(operation: TokenOperation) {
  switch (operation.type) {
    case 'transfer':
      return encodeFunctionData({ abi: erc20, functionName: 'transfer', args: [operation.to, operation.amount] })
    case 'mint':
      return encodeFunctionData({ abi: managed, functionName: 'mint', args: [operation.to, operation.amount] })
    case 'burn':
      return encodeFunctionData({ abi: managed, functionName: 'burn', args: [operation.from, operation.amount] })
    case 'freeze': {
      const args = [operation.holder, operation.frozen] as const
      return encodeFunctionData({ abi: erc7943, functionName: 'setFrozenTokens', args })
    }
    case 'forced-transfer': {
      const args = [operation.from, operation.to, operation.amount] as const
      return encodeFunctionData({ abi: erc7943, functionName: 'forcedTransfer', args })
    }
    case 'pause':
    case 'unpause':
      return encodeFunctionData({ abi: managed, functionName: operation.type })
    case 'allow':
    case 'disallow': {
      const args = [operation.holder, operation.type === 'allow'] as const
      return encodeFunctionData({ abi: managed, functionName: 'changeWhitelist', args })
    }
  }
}
