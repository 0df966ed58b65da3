import { type Address, encodeFunctionData, zeroAddress } from 'viem'
import { compliance3643, erc20, erc3643, identityRegistry3643, managed } from './abi.ts'
import type { BlockView } from './block-view.ts'
import { capabilitiesOf } from './capabilities.ts'
import { refuse, satisfy } from './check.ts'
import { type Inquiries, inquiriesInto, type Permission } from './inquiries.ts'
import { type Inquiry, inquire, inquiry, type Question, question, readAll } from './questions.ts'
import { requireHolder } from './require-holder.ts'
import { type TokenOperation, type TokenProfile, TokenRefused, tokenOperations } from './token-profile.ts'

/** The contracts that an ERC-3643 token asks; its owner may replace them at any time. */
interface Suite {
  registry: Address
  compliance: Address
}

/**
 * An ERC-3643 token. Its `canTransfer` is one of another contract and knows neither pause, freeze nor who is verified; and it freezes by
 * changes, never beyond the balance.
 */
export function erc3643Token(token: Address): TokenProfile {
  return {
    standard: 'erc-3643',
    token,
    capabilities: capabilitiesOf(tokenOperations),

    async checks(view, operation, sender) {
      const ask = inquiriesInto(view, token)
      const suite = await suiteOf(view, token)
      if (!suite) return [ask.unreadable('token-identity', 'which identity registry and compliance contract it asks')]
      return inquire(view, inquiriesFor(suite, ask, operation, sender))
    },

    async prepare(view, operation, sender) {
      requireHolder(operation, sender)
      const call = (data: `0x${string}`, to = token) => ({ from: sender, to, data })
      switch (operation.type) {
        case 'transfer': {
          const args = [operation.to, operation.amount] as const
          return call(encodeFunctionData({ abi: erc20, functionName: 'transfer', args }))
        }
        case 'mint': {
          const args = [operation.to, operation.amount] as const
          return call(encodeFunctionData({ abi: managed, functionName: 'mint', args }))
        }
        case 'burn': {
          const args = [operation.from, operation.amount] as const
          return call(encodeFunctionData({ abi: managed, functionName: 'burn', args }))
        }
        case 'freeze':
          return call(await freezeData(view, token, operation))
        case 'forced-transfer': {
          const args = [operation.from, operation.to, operation.amount] as const
          return call(encodeFunctionData({ abi: erc3643, functionName: 'forcedTransfer', args }))
        }
        case 'pause':
        case 'unpause':
          return call(encodeFunctionData({ abi: managed, functionName: operation.type }))
        case 'allow':
        case 'disallow': {
          const suite = await suiteOf(view, token)
          if (!suite) throw unreadable(token, 'which identity registry it asks')
          return call(registryData(operation), suite.registry)
        }
      }
    },
  }

  function inquiriesFor(suite: Suite, ask: Inquiries, operation: TokenOperation, sender: Address): Inquiry[] {
    const agent = ask.role(sender, operation.type, 'agent', question(token, erc3643, 'isAgent', sender))
    const verified = (account: Address) =>
      ask.mayReceive(account, question(suite.registry, identityRegistry3643, 'isVerified', account))
    switch (operation.type) {
      case 'transfer': {
        const { from, to, amount } = operation
        return [
          ask.senderIsHolder(sender, from),
          ask.accounts(from, to),
          moves(ask, amount),
          ask.notPaused(),
          walletsNotFrozen(ask, from, to),
          ask.balance(from, amount, frozenOf(token, from)),
          verified(to),
          ask.permitted(complies(suite, from, to, amount)),
        ]
      }
      case 'mint': {
        const { to, amount } = operation
        return [
          agent,
          ask.accounts(to),
          moves(ask, amount),
          ask.supply(amount),
          verified(to),
          ask.permitted(complies(suite, zeroAddress, to, amount)),
        ]
      }
      case 'burn':
        return [
          agent,
          ask.accounts(operation.from),
          moves(ask, operation.amount),
          ask.balance(operation.from, operation.amount),
        ]
      case 'freeze':
        return [agent, ask.accounts(operation.holder), freezable(ask, operation.holder, operation.frozen)]
      case 'forced-transfer': {
        const { from, to, amount } = operation
        return [agent, ask.accounts(from, to), moves(ask, amount), ask.balance(from, amount), verified(to)]
      }
      case 'pause':
      case 'unpause':
        return [agent, ask.pauseIs(operation.type === 'unpause')]
      case 'allow':
      case 'disallow':
        return [
          ask.role(
            sender,
            operation.type,
            'agent of the identity registry',
            question(suite.registry, identityRegistry3643, 'isAgent', sender),
          ),
          ask.accounts(operation.holder),
          identified(ask, suite, operation),
        ]
    }
  }

  function walletsNotFrozen(ask: Inquiries, from: Address, to: Address): Inquiry {
    const questions = { from: question(token, erc3643, 'isFrozen', from), to: question(token, erc3643, 'isFrozen', to) }
    return inquiry(questions, (frozen) => {
      if (frozen.from === undefined || frozen.to === undefined)
        return ask.unreadable('token-wallet-freeze', 'whether the wallets are frozen')
      const wallet = frozen.from ? from : frozen.to ? to : null
      return wallet
        ? refuse(
            'token-wallet-freeze',
            'WALLET_FROZEN',
            `The wallet ${wallet} is frozen at the token.`,
            'Have the issuer unfreeze the wallet.',
            ask.evidence,
          )
        : satisfy('token-wallet-freeze', 'WALLETS_NOT_FROZEN', 'Neither wallet is frozen.', ask.evidence)
    })
  }

  function freezable(ask: Inquiries, holder: Address, target: bigint): Inquiry {
    return inquiry({ balance: question(token, erc20, 'balanceOf', holder) }, ({ balance }) => {
      if (balance === undefined) return ask.unreadable('token-freeze', `how much ${holder} holds`)
      return target > balance
        ? refuse(
            'token-freeze',
            'FREEZE_ABOVE_BALANCE',
            `${holder} holds ${balance}, and the token freezes no more than that.`,
            'Freeze at most what the holder has.',
            ask.evidence,
          )
        : satisfy('token-freeze', 'FREEZE_WITHIN_BALANCE', 'The holder has what is to be frozen.', ask.evidence)
    })
  }
}

/** A compliance contract refuses to hear of movements of nothing. */
const moves = (ask: Inquiries, amount: bigint): Inquiry =>
  ask.known(
    amount > 0n
      ? satisfy('token-amount', 'AMOUNT_ACCEPTED', 'Something is to move.', ask.evidence)
      : refuse(
          'token-amount',
          'AMOUNT_IS_ZERO',
          'The token moves no amount of zero.',
          'Use an amount above zero.',
          ask.evidence,
        ),
  )

function identified(
  ask: Inquiries,
  { registry }: Suite,
  operation: Extract<TokenOperation, { type: 'allow' | 'disallow' }>,
): Inquiry {
  const { holder } = operation
  return inquiry({ contained: question(registry, identityRegistry3643, 'contains', holder) }, ({ contained }) => {
    if (contained === undefined) return ask.unreadable('token-identity', `whether it knows ${holder}`)
    if (operation.type === 'allow' && contained)
      return refuse(
        'token-identity',
        'HOLDER_ALREADY_ALLOWED',
        `The identity registry knows ${holder}.`,
        'There is nothing to do; to change the identity, disallow the holder first.',
        ask.evidence,
      )
    if (operation.type === 'disallow' && !contained)
      return refuse(
        'token-identity',
        'HOLDER_NOT_ALLOWED_YET',
        `The identity registry does not know ${holder}.`,
        'There is nothing to do.',
        ask.evidence,
      )
    if (operation.type === 'allow' && !identityIn(operation))
      return refuse(
        'token-identity',
        'IDENTITY_REQUIRED',
        'The token knows holders by an identity contract and a country.',
        'Name the holder’s identity contract and country.',
        ask.evidence,
      )
    return satisfy(
      'token-identity',
      'HOLDER_IDENTIFIED',
      `The identity registry can enter this of ${holder}.`,
      ask.evidence,
    )
  })
}

const identityIn = ({ identity }: Extract<TokenOperation, { type: 'allow' }>) =>
  identity && identity.contract !== zeroAddress ? identity : null

const frozenOf = (token: Address, holder: Address) => question(token, erc3643, 'getFrozenTokens', holder)

function complies({ compliance }: Suite, from: Address, to: Address, amount: bigint): Question<Permission> {
  const { decode, ...asked } = question(compliance, compliance3643, 'canTransfer', from, to, amount)
  return { ...asked, decode: (data) => ({ permitted: decode(data), because: null }) }
}

async function suiteOf(view: BlockView, token: Address): Promise<Suite | null> {
  const { registry, compliance } = await readAll(view, {
    registry: question(token, erc3643, 'identityRegistry'),
    compliance: question(token, erc3643, 'compliance'),
  })
  return registry && compliance ? { registry, compliance } : null
}

/** Freezes what is missing to the target, or unfreezes what is beyond it. */
async function freezeData(
  view: BlockView,
  token: Address,
  { holder, frozen: target }: { holder: Address; frozen: bigint },
) {
  const { frozen } = await readAll(view, { frozen: frozenOf(token, holder) })
  if (frozen === undefined) throw unreadable(token, `how much of what ${holder} holds is frozen`)
  return target >= frozen
    ? encodeFunctionData({ abi: erc3643, functionName: 'freezePartialTokens', args: [holder, target - frozen] })
    : encodeFunctionData({ abi: erc3643, functionName: 'unfreezePartialTokens', args: [holder, frozen - target] })
}

function registryData(operation: Extract<TokenOperation, { type: 'allow' | 'disallow' }>) {
  const abi = identityRegistry3643
  if (operation.type === 'disallow')
    return encodeFunctionData({ abi, functionName: 'deleteIdentity', args: [operation.holder] })
  const identity = identityIn(operation)
  if (!identity)
    throw new TokenRefused('IDENTITY_REQUIRED', 'The token knows holders by an identity contract and a country.')
  const args = [operation.holder, identity.contract, identity.country] as const
  return encodeFunctionData({ abi, functionName: 'registerIdentity', args })
}

const unreadable = (token: Address, what: string) =>
  new TokenRefused('TOKEN_UNREADABLE', `The token ${token} does not say ${what}.`)
