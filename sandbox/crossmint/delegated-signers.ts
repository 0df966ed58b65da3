import { randomUUID } from 'node:crypto'
import { encodeFunctionData } from 'viem'
import type { z } from 'zod'
import { smartAccountAbi } from '../contracts/abi.ts'
import { refuse } from './errors.ts'
import type { Creation, DelegatedSigner, Signature, Transaction, Wallet } from './records.ts'
import type { newSigner } from './schemas.ts'
import { readSigner } from './signers.ts'
import type { Simulator } from './simulator.ts'
import { chainOf, createTransaction, viewTransaction } from './transactions.ts'
import { viewSigner } from './wallets.ts'

const forEver = 2 ** 48 - 1

/**
 * Lets somebody else act for the wallet on one chain, once its admin signer has approved: by a transaction
 * (`deployImmediately`), or by a signature request whose approval sends the same operation.
 *
 * @throws Refusal 400
 */
export async function addSigner(
  simulator: Simulator,
  wallet: Wallet,
  input: z.infer<typeof newSigner>,
  creation: Creation,
): Promise<DelegatedSigner> {
  const chain = chainOf(simulator, input.chain)
  const signer = readSigner(wallet.projectId, input.signer)
  const known = wallet.delegatedSigners.find(({ locator, removed }) => locator === signer.locator && !removed)
  if (known?.chains[chain.slug] !== undefined) return known
  if (signer.locator === wallet.adminSigner.locator) throw refuse(400, 'The admin signer is a signer already')

  const expiresAt = input.expiresAt ?? null
  const validUntil = expiresAt ? Math.floor(Date.parse(expiresAt) / 1000) : forEver
  const operation = await setSigner(simulator, wallet, chain.slug, signer.address, validUntil, creation)
  const way = input.deployImmediately
    ? ({ kind: 'transaction', id: operation.id } as const)
    : ({ kind: 'signature', id: signatureFor(simulator, operation).id } as const)
  const added = known ?? { ...signer, expiresAt, chains: {}, removed: false }
  added.chains[chain.slug] = way
  if (!known) wallet.delegatedSigners.push(added)
  simulator.store.save('wallet', wallet)
  return added
}

/** The transaction that ends a signer's rights on a chain. @throws Refusal 400, 404 */
export async function removeSigner(
  simulator: Simulator,
  wallet: Wallet,
  locator: string,
  slug: string | null,
  creation: Creation,
): Promise<Transaction> {
  if (!slug) throw refuse(400, 'chain: Required for EVM wallets')
  const chain = chainOf(simulator, slug)
  const signer = findSigner(wallet, locator)
  const transaction = await setSigner(simulator, wallet, chain.slug, signer.address, 0, creation)
  delete signer.chains[chain.slug]
  signer.removed = Object.keys(signer.chains).length === 0
  simulator.store.save('wallet', wallet)
  return transaction
}

/** @throws Refusal 404 */
export function findSigner(wallet: Wallet, locator: string): DelegatedSigner {
  const found = wallet.delegatedSigners.find(
    (signer) => !signer.removed && signer.locator.toLowerCase() === locator.toLowerCase(),
  )
  if (!found) throw refuse(404, `Signer not found: ${locator}`)
  return found
}

export function viewDelegatedSigner(simulator: Simulator, signer: DelegatedSigner) {
  return {
    ...viewSigner(signer),
    ...(signer.expiresAt && { expiresAt: signer.expiresAt }),
    chains: Object.fromEntries(
      Object.entries(signer.chains).map(([slug, way]) => [slug, way ? viewWay(simulator, way) : { status: 'success' }]),
    ),
  }
}

function viewWay(simulator: Simulator, way: NonNullable<DelegatedSigner['chains'][string]>) {
  const { maps } = simulator.store
  const signature = way.kind === 'signature' ? maps.signature.get(way.id) : undefined
  const transaction = maps.transaction.get(signature?.operation ?? way.id)!
  if (transaction.status === 'success') return { status: 'success' }
  const { status, approvals } = viewTransaction(transaction)
  return { status, id: way.id, approvals }
}

function setSigner(
  simulator: Simulator,
  wallet: Wallet,
  chain: string,
  signer: `0x${string}`,
  validUntil: number,
  creation: Creation,
): Promise<Transaction> {
  const data = encodeFunctionData({ abi: smartAccountAbi, functionName: 'setSigner', args: [signer, validUntil] })
  return createTransaction(simulator, wallet, { calls: [{ to: wallet.address, value: '0', data }], chain }, creation)
}

function signatureFor(simulator: Simulator, operation: Transaction): Signature {
  const signature: Signature = {
    id: randomUUID(),
    projectId: operation.projectId,
    wallet: operation.wallet,
    chain: operation.chain,
    type: 'message',
    params: { message: operation.userOperationHash, chain: operation.chain, signer: viewSigner(operation.signer) },
    signer: operation.signer,
    message: operation.userOperationHash,
    status: 'awaiting-approval',
    submitted: [],
    outputSignature: null,
    createdAt: operation.createdAt,
    completedAt: null,
    creation: { ...operation.creation, key: null },
    operation: operation.id,
  }
  simulator.store.save('signature', signature)
  return signature
}
