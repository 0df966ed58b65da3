import {
  type Address,
  decodeFunctionData,
  isAddressEqual,
  type Log,
  type ParseEventLogsReturnType,
  parseEventLogs,
  zeroAddress,
} from 'viem'
import { erc20, erc3643, erc7943, identityRegistry3643, managed } from './abi.ts'
import type { EffectProof, TokenCall, TokenEvent, TokenLog, TokenOperation, TokenProfile } from './token-profile.ts'

const events = [...erc20, ...erc7943, ...managed, ...erc3643, ...identityRegistry3643].filter(
  (item) => item.type === 'event',
)

/** What the logs of these contracts tell, in their order; logs of others, and what is not about holding or moving, are left out. */
export function readTokenEvents(logs: readonly TokenLog[], contracts: readonly Address[]): TokenEvent[] {
  const own = logs.filter(({ address }) => contracts.some((contract) => isAddressEqual(contract, address)))
  return parseEventLogs({ abi: events, logs: own as Log[] }).map(eventOf)
}

function eventOf(log: ParseEventLogsReturnType<typeof events, undefined, true>[number]): TokenEvent {
  const logIndex = log.logIndex!
  switch (log.eventName) {
    case 'Transfer': {
      const { from, to, value: amount } = log.args
      if (from === zeroAddress) return { type: 'minted', to, amount, logIndex }
      if (to === zeroAddress) return { type: 'burned', from, amount, logIndex }
      return { type: 'transferred', from, to, amount, logIndex }
    }
    case 'ForcedTransfer':
      return { type: 'forced', ...log.args, logIndex }
    case 'Frozen':
      return { type: 'frozen', holder: log.args.account, frozen: log.args.amount, logIndex }
    case 'TokensFrozen':
      return { type: 'frozen-changed', holder: log.args.account, change: log.args.amount, logIndex }
    case 'TokensUnfrozen':
      return { type: 'frozen-changed', holder: log.args.account, change: -log.args.amount, logIndex }
    case 'AddressFrozen':
      return { type: log.args.frozen ? 'wallet-frozen' : 'wallet-unfrozen', holder: log.args.account, logIndex }
    case 'Paused':
      return { type: 'paused', by: log.args.account, logIndex }
    case 'Unpaused':
      return { type: 'unpaused', by: log.args.account, logIndex }
    case 'Whitelisted':
      return { type: log.args.status ? 'allowed' : 'disallowed', holder: log.args.account, logIndex }
    case 'IdentityRegistered':
      return { type: 'allowed', holder: log.args.account, logIndex }
    case 'IdentityRemoved':
      return { type: 'disallowed', holder: log.args.account, logIndex }
  }
}

/**
 * Looks for the effect of an operation in the logs of the very transaction that carried its call. Of a transaction that carries several
 * operations, only this one's logs are to be given.
 */
export function proveEffect(
  { standard, token }: Pick<TokenProfile, 'standard' | 'token'>,
  operation: TokenOperation,
  call: TokenCall,
  logs: readonly TokenLog[],
): EffectProof {
  const change = operation.type === 'freeze' && standard === 'erc-3643' ? changeIn(call) : null
  const shows = (event: TokenEvent): boolean => {
    switch (operation.type) {
      case 'transfer':
        return event.type === 'transferred' && isMovement(event, operation)
      case 'forced-transfer':
        // ERC-3643 has no event of its own for it
        return event.type === (standard === 'erc-3643' ? 'transferred' : 'forced') && isMovement(event, operation)
      case 'mint':
        return event.type === 'minted' && isAddressEqual(event.to, operation.to) && event.amount === operation.amount
      case 'burn':
        return (
          event.type === 'burned' && isAddressEqual(event.from, operation.from) && event.amount === operation.amount
        )
      case 'freeze':
        return (
          (event.type === 'frozen' &&
            isAddressEqual(event.holder, operation.holder) &&
            event.frozen === operation.frozen) ||
          (event.type === 'frozen-changed' && isAddressEqual(event.holder, operation.holder) && event.change === change)
        )
      case 'pause':
        return event.type === 'paused'
      case 'unpause':
        return event.type === 'unpaused'
      case 'allow':
        return event.type === 'allowed' && isAddressEqual(event.holder, operation.holder)
      case 'disallow':
        return event.type === 'disallowed' && isAddressEqual(event.holder, operation.holder)
    }
  }
  const event = readTokenEvents(logs, [token, call.to]).find(shows)
  return event ? { proven: true, logIndex: event.logIndex } : { proven: false }
}

const isMovement = (
  event: { from: Address; to: Address; amount: bigint },
  { from, to, amount }: { from: Address; to: Address; amount: bigint },
) => isAddressEqual(event.from, from) && isAddressEqual(event.to, to) && event.amount === amount

function changeIn({ data }: TokenCall): bigint | null {
  const call = decodeFunctionData({ abi: erc3643, data })
  if (call.functionName === 'freezePartialTokens') return call.args[1]
  return call.functionName === 'unfreezePartialTokens' ? -call.args[1] : null
}
