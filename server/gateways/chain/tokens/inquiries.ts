import { type Address, isAddressEqual, maxUint256, zeroAddress } from 'viem'
import { erc20, managed } from './abi.ts'
import type { BlockView } from './block-view.ts'
import { evidenceOf, quoted, refuse, satisfy } from './check.ts'
import { roleIn, roleQuestions } from './customary-roles.ts'
import { type Inquiry, inquiry, type Question, question } from './questions.ts'
import type { TokenCheck, TokenOperation } from './token-profile.ts'

/** What is asked about operations on tokens of any standard: each asks one thing of one contract, and says what it found. */
export function inquiriesInto(view: BlockView, token: Address) {
  const evidence = evidenceOf(view)
  const unreadable = (rule: string, what: string): TokenCheck =>
    refuse(
      rule,
      'TOKEN_UNREADABLE',
      `The token ${token} does not say ${what}.`,
      'Check that the token is registered with the standard it is of, and that it is intact.',
      evidence,
    )
  const known = (check: TokenCheck): Inquiry => inquiry({}, () => check)

  return {
    evidence,
    known,
    unreadable,

    accounts: (...accounts: Address[]): Inquiry =>
      known(
        accounts.some((account) => isAddressEqual(account, zeroAddress))
          ? refuse(
              'token-accounts',
              'ADDRESS_IS_ZERO',
              'The zero address takes no part in operations.',
              'Name the account that is meant.',
              evidence,
            )
          : satisfy('token-accounts', 'ACCOUNTS_VALID', 'Everybody who takes part is an account.', evidence),
      ),

    /** Only its holder may move what is theirs by a transfer. */
    senderIsHolder: (sender: Address, holder: Address): Inquiry =>
      known(
        isAddressEqual(sender, holder)
          ? satisfy('token-role', 'SENDER_IS_HOLDER', 'The holder sends it.', evidence)
          : refuse(
              'token-role',
              'SENDER_NOT_HOLDER',
              `${sender} is not the holder ${holder}.`,
              'Have the holder send it, or use a forced transfer.',
              evidence,
            ),
      ),

    /** A role by the first of its usual names that the token knows; a token that knows none leaves it to the simulation. */
    customaryRole: (sender: Address, operation: TokenOperation['type'], names: readonly string[]): Inquiry =>
      inquiry(roleQuestions(token, names, sender), (answers) => {
        const role = roleIn(answers, names)
        return role && held(role.held, sender, role.name, operation)
      }),

    /** A role that the contract tells of by one question. */
    role: (sender: Address, operation: TokenOperation['type'], name: string, asked: Question<boolean>): Inquiry =>
      inquiry({ asked }, ({ asked }) =>
        asked === undefined
          ? unreadable('token-role', `whether ${sender} is its ${name}`)
          : held(asked, sender, name, operation),
      ),

    /** Where a token does not say whether it is paused, its other answers have to. */
    notPaused: (): Inquiry =>
      inquiry({ paused: question(token, managed, 'paused') }, ({ paused }) => {
        if (paused === undefined) return null
        return paused
          ? refuse('token-pause', 'TOKEN_PAUSED', 'The token is paused.', 'Wait until its issuer resumes it.', evidence)
          : satisfy('token-pause', 'TOKEN_NOT_PAUSED', 'The token is not paused.', evidence)
      }),

    /** What may be paused, or resumed. */
    pauseIs: (wanted: boolean): Inquiry =>
      inquiry({ paused: question(token, managed, 'paused') }, ({ paused }) => {
        if (paused === undefined) return unreadable('token-pause', 'whether it is paused')
        if (paused === wanted)
          return paused
            ? satisfy('token-pause', 'TOKEN_IS_PAUSED', 'The token is paused.', evidence)
            : satisfy('token-pause', 'TOKEN_NOT_PAUSED', 'The token is not paused.', evidence)
        return paused
          ? refuse('token-pause', 'TOKEN_PAUSED_ALREADY', 'The token is paused.', 'There is nothing to do.', evidence)
          : refuse(
              'token-pause',
              'TOKEN_NOT_PAUSED_YET',
              'The token is not paused.',
              'There is nothing to do.',
              evidence,
            )
      }),

    maySend: (account: Address, asked: Question<boolean>): Inquiry =>
      inquiry({ asked }, ({ asked }) => {
        if (asked === undefined) return unreadable('token-sender', `whether ${account} may send it`)
        return asked
          ? satisfy('token-sender', 'HOLDER_MAY_SEND', `The token lets ${account} send.`, evidence)
          : refuse(
              'token-sender',
              'HOLDER_MAY_NOT_SEND',
              `The token does not let ${account} send.`,
              'Have the issuer allow the holder.',
              evidence,
            )
      }),

    mayReceive: (account: Address, asked: Question<boolean>): Inquiry =>
      inquiry({ asked }, ({ asked }) => {
        if (asked === undefined) return unreadable('token-recipient', `whether ${account} may receive it`)
        return asked
          ? satisfy('token-recipient', 'HOLDER_MAY_RECEIVE', `The token lets ${account} receive.`, evidence)
          : refuse(
              'token-recipient',
              'HOLDER_MAY_NOT_RECEIVE',
              `The token does not let ${account} receive.`,
              'Have the issuer allow the recipient.',
              evidence,
            )
      }),

    /** Frozen tokens count where the operation may not touch them. */
    balance: (holder: Address, amount: bigint, frozen?: Question<bigint>): Inquiry =>
      inquiry(
        { balance: question(token, erc20, 'balanceOf', holder), ...(frozen && { frozen }) },
        (answers: { balance?: bigint; frozen?: bigint }) => {
          const { balance } = answers
          if (balance === undefined || (frozen && answers.frozen === undefined))
            return unreadable('token-balance', `how much ${holder} holds and may move`)
          if (amount > balance)
            return refuse(
              'token-balance',
              'BALANCE_TOO_LOW',
              `${holder} holds ${balance}, less than ${amount}.`,
              'Use an amount that the holder has.',
              evidence,
            )
          // more may be frozen than there is, and nothing is moved all the same
          if (amount > 0n && amount > balance - (answers.frozen ?? 0n))
            return refuse(
              'token-balance',
              'UNFROZEN_BALANCE_TOO_LOW',
              `${holder} holds ${balance}, of which ${answers.frozen} is frozen: too little is left for ${amount}.`,
              'Use an amount that is not frozen, or have the issuer unfreeze it.',
              evidence,
            )
          return satisfy('token-balance', 'BALANCE_SUFFICIENT', `${holder} holds enough.`, evidence)
        },
      ),

    /** No supply is beyond what a word holds. */
    supply: (amount: bigint): Inquiry =>
      inquiry({ supply: question(token, erc20, 'totalSupply') }, ({ supply }) => {
        if (supply === undefined) return unreadable('token-amount', 'how much of it there is')
        return amount > maxUint256 - supply
          ? refuse(
              'token-amount',
              'SUPPLY_EXCEEDED',
              'There would be more of the token than it can count.',
              'Use a smaller amount.',
              evidence,
            )
          : satisfy('token-amount', 'AMOUNT_ACCEPTED', 'The token can count so much.', evidence)
      }),

    /** What the token's own rule says of a movement as a whole. */
    permitted: (asked: Question<Permission>): Inquiry =>
      inquiry({ asked }, ({ asked }) => {
        if (asked === undefined) return unreadable('token-transfer-rule', 'whether it permits this transfer')
        const said = asked.because ? `: ${quoted(asked.because)}` : '.'
        return asked.permitted
          ? satisfy(
              'token-transfer-rule',
              'TRANSFER_PERMITTED',
              'The token’s own rule permits this transfer.',
              evidence,
            )
          : refuse(
              'token-transfer-rule',
              'TRANSFER_NOT_PERMITTED',
              `The token’s own rule does not permit this transfer${said}`,
              'Satisfy the rule, or have the issuer change it.',
              evidence,
            )
      }),
  }

  function held(holds: boolean, sender: Address, role: string, operation: TokenOperation['type']): TokenCheck {
    return holds
      ? satisfy('token-role', 'SENDER_HAS_TOKEN_ROLE', `${sender} has the role ${role} at the token.`, evidence)
      : refuse(
          'token-role',
          'SENDER_LACKS_TOKEN_ROLE',
          `${sender} has not the role ${role} at the token, which ${operation} takes.`,
          `Have the token’s admin give ${sender} the role ${role}, or use another signer.`,
          evidence,
        )
  }
}

export type Inquiries = ReturnType<typeof inquiriesInto>

/** A rule's answer, and its own words for it where it has some. */
export interface Permission {
  permitted: boolean
  because: string | null
}
