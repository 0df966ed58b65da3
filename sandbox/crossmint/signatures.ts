import { randomUUID } from 'node:crypto'
import { type Hex, hashMessage, hashTypedData } from 'viem'
import type { z } from 'zod'
import { rpc } from '../chain/rpc.ts'
import { messageHash, wrapSignature } from './account.ts'
import { refuse } from './errors.ts'
import type { Creation, Signature, Wallet } from './records.ts'
import type { newSignature } from './schemas.ts'
import { custodian, recovers, signerOf } from './signers.ts'
import type { SimulatedChain, Simulator } from './simulator.ts'
import { approveTransaction, chainOf } from './transactions.ts'
import { viewSigner } from './wallets.ts'

/**
 * Asks for a signature of the wallet itself, over a message or typed data. What its signer has to sign is bound to the account, so the
 * result is good for ERC-1271 only, and never an ECDSA signature of the wallet's address.
 *
 * @throws Refusal 400
 */
export async function createSignature(
  simulator: Simulator,
  wallet: Wallet,
  input: z.infer<typeof newSignature>,
  creation: Creation,
): Promise<Signature> {
  const { params } = input
  const chain = chainOf(simulator, params.chain)
  const signer = signerOf(wallet, chain.slug, params.signer)
  if (signer.locator !== wallet.adminSigner.locator && !(await isDeployed(chain, wallet))) {
    throw refuse(400, 'A delegated signer can sign only for a wallet that is deployed on the chain')
  }
  const signature: Signature = {
    id: randomUUID(),
    projectId: wallet.projectId,
    wallet: wallet.address,
    chain: chain.slug,
    type: input.type,
    params: { ...params, signer: viewSigner(signer) },
    signer,
    message: messageHash(chain.chainId, wallet.address, hashOf(input)),
    status: 'awaiting-approval',
    submitted: [],
    outputSignature: null,
    createdAt: new Date().toISOString(),
    completedAt: null,
    creation,
    operation: null,
  }
  simulator.store.save('signature', signature)
  if (signer.type === 'api-key') {
    const signed = await custodian(wallet.projectId).signMessage({ message: { raw: signature.message } })
    await complete(simulator, chain, wallet, signature, signed)
  }
  return signature
}

/** The wallet's signature of that id. @throws Refusal 404 */
export function findSignature(simulator: Simulator, wallet: Wallet, id: string): Signature {
  const signature = simulator.store.maps.signature.get(id)
  if (!signature || signature.wallet !== wallet.address) throw refuse(404, `Signature not found: ${id}`)
  return signature
}

/** @throws Refusal 400 */
export async function approveSignature(
  simulator: Simulator,
  wallet: Wallet,
  signature: Signature,
  given: readonly { signer: string; signature: Hex }[],
): Promise<void> {
  for (const approval of given) {
    if (approval.signer.toLowerCase() !== signature.signer.locator.toLowerCase()) {
      throw refuse(400, `Signer '${approval.signer}' is not a valid signer for this signature`)
    }
    if (signature.status !== 'awaiting-approval') throw refuse(400, 'Already has the required number of approvals')
    if (!(await recovers(signature.signer, signature.message, approval.signature))) {
      throw refuse(400, `Invalid signature for signer '${approval.signer}'`)
    }
    const chain = simulator.chains.get(signature.chain)!
    if (signature.operation) {
      const operation = simulator.store.maps.transaction.get(signature.operation)!
      await approveTransaction(simulator, operation, [approval])
    }
    await complete(simulator, chain, wallet, signature, approval.signature)
  }
}

export function viewSignature(signature: Signature) {
  const { id, type, status, params, signer, message, submitted, createdAt, completedAt, outputSignature } = signature
  return {
    id,
    type,
    chainType: 'evm',
    walletType: 'smart',
    status,
    params,
    approvals: {
      pending: status === 'awaiting-approval' ? [{ signer: viewSigner(signer), message }] : [],
      submitted,
      required: 1,
    },
    createdAt,
    ...(completedAt && { completedAt }),
    ...(outputSignature && { outputSignature }),
  }
}

async function complete(
  simulator: Simulator,
  chain: SimulatedChain,
  wallet: Wallet,
  signature: Signature,
  signed: Hex,
): Promise<void> {
  const now = new Date().toISOString()
  const deployed = await isDeployed(chain, wallet)
  signature.submitted = [{ signer: signature.signer, signature: signed, message: signature.message, submittedAt: now }]
  signature.outputSignature = deployed ? signed : wrapSignature(chain.factory, wallet, signed)
  signature.status = 'success'
  signature.completedAt = now
  simulator.store.save('signature', signature)
}

async function isDeployed(chain: SimulatedChain, wallet: Wallet): Promise<boolean> {
  return (await rpc<Hex>(chain.rpcUrl, 'eth_getCode', [wallet.address, 'latest'])) !== '0x'
}

function hashOf(input: z.infer<typeof newSignature>): Hex {
  if (input.type === 'message') return hashMessage(input.params.message)
  try {
    const { domain, types, primaryType, message } = input.params.typedData
    const { EIP712Domain: _, ...rest } = types
    return hashTypedData({ domain, types: rest, primaryType, message })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : 'cannot be read'
    throw refuse(400, `params.typedData: ${reason}`)
  }
}
