import { type Hex, isAddress, maxUint256 } from 'viem'
import { type Call, ProviderError, type ProviderTransaction, type Submission } from '../wallet-provider.ts'
import { type Gateway, replayed, restBefore, toProviderTransaction } from './gateway.ts'
import type { Transaction } from './schemas.ts'
import { locatorOf, type Signer } from './signer.ts'
import { carriesOurCalls, type Expected, mismatchOf } from './verify-transaction.ts'

/**
 * Creates the transaction at Crossmint and approves it with our signer. Safe to repeat with the same key at any point: what
 * exists is found by the key, and what is approved already is not approved again. Approves within so many milliseconds or not
 * at all.
 */
export async function submit(
  gateway: Gateway,
  submission: Submission,
  within = Number.POSITIVE_INFINITY,
): Promise<ProviderTransaction> {
  const { clock, maximumWait, signal, writes } = gateway
  const end = clock.now() + within
  const expected = expectedOf(gateway, submission)
  // an operation waits badly for its approval, so both turns are taken before the first is used
  const takenAt = await writes.take(2, { maximumWait: Math.min(maximumWait, within), ...(signal && { signal }) })
  let approvalSent = false
  try {
    const created = await create(gateway, submission, expected)
    const approved = await approve(gateway, expected, created, () => {
      if (clock.now() >= end)
        throw new ProviderError('unknown', 'out_of_time', 'Crossmint answered too late for us to approve')
      approvalSent = true
    })
    return toProviderTransaction(approved)
  } finally {
    if (!approvalSent) writes.giveBack(takenAt)
  }
}

function expectedOf({ chains, entryPoints }: Gateway, { calls, chainId, wallet }: Submission): Expected {
  const chain = chains.slugOf(chainId)
  if (!chain) throw new ProviderError('refused', 'chain_not_supported', `Crossmint does not serve chain ${chainId}`)
  if (calls.length === 0 || !calls.every(isSound)) {
    throw new ProviderError('refused', 'bad_calls', 'A transaction needs calls with an address, wei and whole bytes')
  }
  return { wallet, chainId, chain, calls, entryPoints }
}

function isSound({ to, value, data }: Call): boolean {
  return isAddress(to) && value >= 0n && value <= maxUint256 && /^0x([0-9a-fA-F]{2})*$/.test(data)
}

async function create(gateway: Gateway, submission: Submission, expected: Expected): Promise<Transaction> {
  const params = {
    calls: submission.calls.map(({ to, value, data }) => ({ to, value: value.toString(), data })),
    chain: expected.chain,
    signer: locatorOf(gateway.signer),
  }
  return replayed(gateway, (attempt) =>
    gateway.client.createTransaction(submission.wallet, params, {
      idempotencyKey: submission.idempotencyKey,
      prepaid: attempt === 0,
    }),
  )
}

/**
 * Signs what waits for us, once it is proven ours, and hands the signature in. However the answer is lost, Crossmint's own
 * view decides whether the identical signature is sent again; another operation is never signed in its place.
 */
async function approve(
  gateway: Gateway,
  expected: Expected,
  created: Transaction,
  beforeApproval: () => void,
): Promise<Transaction> {
  const { client, replays, signer } = gateway
  let transaction = created
  let signed: { message: string; signature: Hex } | null = null
  let lost: ProviderError | null = null

  for (let attempt = 0; attempt <= replays; attempt++) {
    if (transaction.status !== 'awaiting-approval') return movedOn(expected, transaction)
    const pending = pendingFor(signer, transaction)
    if (!pending) {
      if (lost || isSubmittedBy(signer, transaction)) return movedOn(expected, transaction)
      throw new ProviderError(
        'unavailable',
        'signer_not_asked',
        `Crossmint does not ask ${locatorOf(signer)} to approve`,
      )
    }
    signed ??= { message: pending.message, signature: await sign(signer, expected, transaction, pending.message) }
    if (pending.message !== signed.message) {
      throw new ProviderError('unknown', 'operation_changed', 'Crossmint wants another operation signed than before')
    }
    if (attempt > 0) await restBefore(gateway, attempt)
    beforeApproval()
    try {
      const approval = { signer: pending.locator, signature: signed.signature }
      return sameOne(
        created,
        await client.approveTransaction(expected.wallet, created.id, [approval], { prepaid: attempt === 0 }),
      )
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      lost = error
    }
    transaction = sameOne(created, await readAfter(lost, () => client.getTransaction(expected.wallet, created.id)))
  }
  if (transaction.status !== 'awaiting-approval' || !pendingFor(signer, transaction)) return transaction
  throw unconfirmed(lost!)
}

/** @throws ProviderError `refused` when it is not what we asked for: unsigned, nothing can happen. */
async function sign(signer: Signer, expected: Expected, transaction: Transaction, message: string): Promise<Hex> {
  const mismatch = mismatchOf(expected, transaction, message)
  if (mismatch) {
    // a signature of ours is out already: what it does is for the chain to say
    const outcome = isSubmittedBy(signer, transaction) ? 'unknown' : 'refused'
    throw new ProviderError(outcome, mismatch, 'Not signed: Crossmint wants something else signed than was asked for')
  }
  try {
    return await signer.signMessage({ raw: message as Hex })
  } catch (cause) {
    throw new ProviderError('unavailable', 'signer_failed', 'The signer did not sign', { cause })
  }
}

/** A transaction under way without a signature to check it by: at least it must say that it is ours. */
function movedOn(expected: Expected, transaction: Transaction): Transaction {
  if (carriesOurCalls(expected, transaction)) return transaction
  throw new ProviderError('unknown', 'calldata_mismatch', 'Crossmint carries out other calls under our key')
}

async function readAfter(lost: ProviderError, read: () => Promise<Transaction>): Promise<Transaction> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof ProviderError ? unconfirmed(lost) : error
  }
}

function unconfirmed(lost: ProviderError): ProviderError {
  return new ProviderError('unknown', 'approval_unconfirmed', `The approval may not have arrived: ${lost.message}`, {
    cause: lost,
    retryAfter: lost.retryAfter,
  })
}

function sameOne(created: Transaction, answer: Transaction): Transaction {
  if (answer.id === created.id) return answer
  throw new ProviderError('unknown', 'wrong_transaction', 'Crossmint answered with another transaction')
}

function pendingFor(signer: Signer, { approvals }: Transaction): { message: string; locator: string } | null {
  if (!approvals)
    throw new ProviderError('unknown', 'unreadable_answer', 'Crossmint does not say whose approval it needs')
  const entry = approvals.pending.find((pending) => isSigner(signer, pending.signer))
  return entry ? { message: entry.message, locator: namedLocator(entry.signer) ?? locatorOf(signer) } : null
}

function isSubmittedBy(signer: Signer, { approvals }: Transaction): boolean {
  return approvals?.submitted.some((submitted) => isSigner(signer, submitted.signer)) ?? false
}

type SignerName = string | { address?: string | undefined; locator?: string | undefined }

/** By address: a locator's first word has changed between versions, and letter case is not kept. */
function isSigner(signer: Signer, name: SignerName): boolean {
  const address = (typeof name === 'object' && name.address) || namedLocator(name)?.split(':')[1]
  return address?.toLowerCase() === signer.address.toLowerCase()
}

function namedLocator(name: SignerName): string | undefined {
  return typeof name === 'string' ? name : name.locator
}
