import { type Address, zeroAddress } from 'viem'
import { allowListAbi, type SenderRole, senderRoles, txAllowListAddress } from '../allow-list.ts'
import { ChainUnavailable } from '../chain.ts'
import type { BlockView } from './block-view.ts'
import { evidenceOf, refuse, satisfy } from './check.ts'
import { question, readAll } from './questions.ts'
import type { TokenCheck } from './token-profile.ts'

/**
 * What a sender was on the chain's list of who may transact, at the view's block; null on a chain that has no list.
 *
 * @throws ChainUnavailable
 */
export async function senderRoleAt(view: BlockView, sender: Address): Promise<SenderRole | null> {
  const { role } = await readAll(view, { role: question(txAllowListAddress, allowListAbi, 'readAllowList', sender) })
  return role === undefined ? null : (senderRoles[Number(role)] ?? 'none')
}

/**
 * Whether the chain takes transactions of those who may sign: of all of them, since any of them may be the one. `expected` says that the
 * chain is known to have a list, so that a node without one is not believed.
 *
 * @throws ChainUnavailable
 */
export async function checkAllowList(
  view: BlockView,
  signers: readonly Address[],
  expected: boolean,
): Promise<TokenCheck> {
  const asked = signers.length > 0 ? signers : [zeroAddress]
  const roles = await Promise.all(asked.map((signer) => senderRoleAt(view, signer)))
  const evidence = evidenceOf(view)
  if (roles.includes(null)) {
    if (expected) throw new ChainUnavailable('The chain does not answer with its list of who may transact')
    return satisfy('tx-allow-list', 'TX_ALLOW_LIST_ABSENT', 'The chain lets everybody send transactions.', evidence)
  }
  if (signers.length === 0)
    return refuse(
      'tx-allow-list',
      'SENDER_NOT_NAMED',
      'The chain has a list of who may send transactions, and it is not known who sends those of custodial wallets.',
      'Name the senders of the wallet provider in crossmintSenders of the chain in CHAINS, and have an admin of the chain enable them.',
      evidence,
    )
  const refused = signers.find((_, index) => roles[index] === 'none')
  if (refused)
    return refuse(
      'tx-allow-list',
      'SENDER_NOT_ON_TX_ALLOW_LIST',
      `The chain takes no transactions of ${refused}.`,
      'Have an admin of the chain enable the sender on its list of who may send transactions.',
      evidence,
    )
  const told = signers.map((signer, index) => `${signer} is ${roles[index]}`).join(', ')
  return satisfy('tx-allow-list', 'SENDER_ON_TX_ALLOW_LIST', `On the chain the sender ${told}.`, evidence)
}
