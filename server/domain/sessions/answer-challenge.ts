import { type Hex, hashMessage } from 'viem'
import { acceptedByKey, type SignatureClaim } from '../../gateways/chain/accepts-signature.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import { asAddress } from '../wire.ts'
import { nonceHash, unsupportedChain } from './issue-challenge.ts'
import type { UsedChallenge } from './use-challenges.ts'

/** What comes back for a challenge. */
export interface ChallengeAnswer {
  nonce: string
  signature: Hex
  /** The page it comes from. */
  origin: string
}

/**
 * Takes the answer to a challenge. The challenge is used up before anything of the answer is looked at, so that it is worth one
 * try, whatever comes of it.
 *
 * @param userId who proves a further wallet; null to sign in
 * @throws SIGN_IN_FAILED, CHAIN_UNAVAILABLE when a contract's word is needed and its chain does not answer, CHAIN_NOT_SUPPORTED for
 *   a chain that is no longer configured
 */
export async function answerChallenge(
  services: Services,
  { nonce, signature, origin }: ChallengeAnswer,
  userId: string | null,
): Promise<UsedChallenge> {
  const challenge = await services.useChallenge({ hash: nonceHash(nonce) })
  if (!challenge) throw failed('This challenge is unknown, was used before, or is older than five minutes.')
  if (challenge.origin !== origin) throw failed('This challenge was made for another page.')
  if (challenge.user_id !== userId) throw failed('This challenge was made for something else.')
  const claim = { account: asAddress(challenge.address), hash: hashMessage(challenge.message), signature }
  const accepted = (await acceptedByKey(claim)) ?? (await acceptedByContract(services, challenge, claim))
  if (!accepted)
    throw failed(
      `The signature is not one of ${challenge.address} over the message of this challenge; a contract wallet signs on the chain where it first did.`,
    )
  return challenge
}

/**
 * Asks the wallet's contract on the chain of the message. One that is known here is asked on its own chain and on no other: what is
 * at the same address elsewhere may be another's, or belong to the owners of long ago.
 */
async function acceptedByContract(
  { chains, provider }: Services,
  { chain_id: chainId, wallet_id: walletId, wallet_chain: walletChain, known_user: knownUser }: UsedChallenge,
  claim: SignatureClaim,
): Promise<boolean> {
  // whoever was named an operator by an address was named on no chain: their key alone proves it the first time
  if (knownUser && !walletId) return false
  if (walletId && (walletChain === null ? !provider.supports(Number(chainId)) : walletChain !== chainId)) return false
  const chain = chains.get(chainId)
  if (!chain) throw unsupportedChain(chainId)
  return chain.acceptsSignature(claim).catch((cause) => {
    throw unanswered(cause)
  })
}

/** Why a challenge came to nothing, and what to do. */
export const failed = (why: string) =>
  new DomainError('SIGN_IN_FAILED', `${why} Ask for a new challenge and sign its message as it is.`)

const unanswered = (cause: unknown) =>
  new DomainError(
    'CHAIN_UNAVAILABLE',
    'Only the chain can tell whether this is a signature of the wallet, and it does not answer right now. Ask for a new challenge and sign its message.',
    null,
    cause,
  )
