import { randomUUID } from 'node:crypto'
import { type Abi, encodeFunctionData, getAddress, type Hex, parseTransaction, toHex } from 'viem'
import { entryPointAddress } from '../chain/deploy-contracts.ts'
import { RpcError, resultOf, rpcBatch } from '../chain/rpc.ts'
import { entryPointAbi } from '../contracts/abi.ts'
import { accountCode, createAccountData, executeData, userOperationHash } from './account.ts'
import { becomeCustodian } from './custody.ts'
import { refuse, refuseSimulation, reverted, revertReason } from './errors.ts'
import type { Call, Creation, Signer, Submitted, Transaction, Wallet } from './records.ts'
import type { WireCall } from './schemas.ts'
import { custodian, recovers, signerOf } from './signers.ts'
import { explorerLink, type SimulatedChain, type Simulator } from './simulator.ts'
import { accept } from './transaction-states.ts'
import { viewSigner } from './wallets.ts'

export interface NewTransaction {
  calls: WireCall[]
  chain: string
  signer?: string | undefined
  sendParams?: Transaction['sendParams']
}

/**
 * Makes a transaction: one user operation with all its calls, simulated first.
 *
 * @throws Refusal 400 for an unknown chain, signer or a call that cannot be read; 422 when it would revert
 */
export async function createTransaction(
  simulator: Simulator,
  wallet: Wallet,
  input: NewTransaction,
  creation: Creation,
): Promise<Transaction> {
  const chain = chainOf(simulator, input.chain)
  const signer = signerOf(wallet, chain.slug, input.signer)
  const transaction = await prepare(simulator, wallet, chain, signer, input, creation)
  simulator.store.save('transaction', transaction)
  await approveByCustodian(simulator, wallet, transaction)
  return transaction
}

/** @throws Refusal 400 for a slug that is not one of ours. */
export function chainOf(simulator: Simulator, slug: string): SimulatedChain {
  const chain = simulator.chains.get(slug)
  if (!chain) throw refuse(400, `params.chain: Chain '${slug}' is not supported`)
  return chain
}

/** The wallet's transaction of that id. @throws Refusal 404 */
export function findTransaction(simulator: Simulator, wallet: Wallet, id: string): Transaction {
  const transaction = simulator.store.maps.transaction.get(id)
  if (!transaction || transaction.wallet !== wallet.address) throw refuse(404, `Transaction not found: ${id}`)
  return transaction
}

/**
 * Takes a signer's approval; the operation goes to the chain once it has it.
 *
 * @throws Refusal 400 for a signer or signature that is not the one asked for; 409 or 422 for one that is no longer asked for
 */
export async function approveTransaction(
  simulator: Simulator,
  transaction: Transaction,
  given: readonly { signer: string; signature: Hex }[],
): Promise<void> {
  const { signer, userOperationHash: message } = transaction
  for (const approval of given) {
    checkOpen(simulator, transaction, approval.signer)
    if (approval.signer.toLowerCase() !== signer.locator.toLowerCase()) {
      throw refuse(400, `Signer '${approval.signer}' is not a valid signer for this transaction`)
    }
    const good = await recovers(signer, message, approval.signature)
    if (!good && simulator.behaviour.wrongSignature === 'reject') {
      throw refuse(400, `Invalid signature for signer '${approval.signer}'`)
    }
    checkOpen(simulator, transaction, approval.signer) // another request may have been quicker
    submit(simulator, transaction, approval.signature)
  }
}

export function viewTransaction(transaction: Transaction) {
  const { userOperation, userOperationHash, signer, sendParams, chain } = transaction
  const silent = transaction.hold === 'silent'
  const status = silent ? 'pending' : transaction.status
  const txId = silent ? null : transaction.txId
  return {
    id: transaction.id,
    chainType: 'evm',
    walletType: 'smart',
    status,
    params: { calls: transaction.calls, chain, signer: viewSigner(signer) },
    onChain: {
      userOperation,
      userOperationHash,
      ...(txId && { txId, explorerLink: explorerLink(chain, txId) }),
    },
    approvals: {
      pending:
        transaction.submitted.length === 0 && status === 'awaiting-approval'
          ? [{ signer: viewSigner(signer), message: userOperationHash }]
          : [],
      submitted: transaction.submitted,
      required: 1,
    },
    createdAt: transaction.createdAt,
    ...(transaction.completedAt && !silent && { completedAt: transaction.completedAt }),
    ...(transaction.error && !silent && { error: transaction.error }),
    ...(sendParams && { sendParams }),
    fees: { mode: 'project' },
  }
}

function checkOpen(simulator: Simulator, transaction: Transaction, locator: string) {
  if (transaction.status === 'awaiting-approval' && transaction.submitted.length === 0) return
  const same = transaction.submitted.some(({ signer }) => signer.locator.toLowerCase() === locator.toLowerCase())
  if (same && (transaction.status === 'awaiting-approval' || simulator.behaviour.repeatedApproval === 409)) {
    throw refuse(409, `Signer '${locator}' has already submitted an approval`)
  }
  throw refuse(422, 'Already has the required number of approvals')
}

function submit(simulator: Simulator, transaction: Transaction, signature: Hex) {
  const { wallet, id, creation, signer, userOperationHash: message } = transaction
  const submitted: Submitted = { signer, signature, message, submittedAt: new Date().toISOString() }
  transaction.userOperation.signature = signature
  const stuck = simulator.faults.take('F5', {
    endpoint: 'approveTransaction',
    wallet,
    transactionId: id,
    idempotencyKey: creation.key,
    text: () => JSON.stringify(transaction.calls),
  })
  if (!stuck || stuck.variant === 'counted') transaction.submitted.push(submitted)
  if (stuck) {
    transaction.hold = 'approval'
    simulator.store.save('transaction', transaction)
  } else {
    transaction.hold = null
    accept(simulator, transaction)
  }
}

/** Custodial signers approve by themselves; a fault makes any signer do so. */
async function approveByCustodian(simulator: Simulator, wallet: Wallet, transaction: Transaction): Promise<void> {
  const { projectId, id, creation, signer } = transaction
  const custodial = signer.type === 'api-key'
  if (!custodial) {
    const facts = {
      endpoint: 'createTransaction',
      wallet: wallet.address,
      transactionId: id,
      idempotencyKey: creation.key,
    }
    if (!simulator.faults.take('F14', facts)) return
    await becomeCustodian(simulator.chains.get(transaction.chain)!, wallet)
  }
  const signature = await custodian(projectId).signMessage({ message: { raw: transaction.userOperationHash } })
  transaction.userOperation.signature = signature
  accept(simulator, transaction)
}

async function prepare(
  simulator: Simulator,
  wallet: Wallet,
  chain: SimulatedChain,
  signer: Signer,
  input: NewTransaction,
  creation: Creation,
): Promise<Transaction> {
  const callData = executeData(input.calls.map(readCall))
  const { address } = wallet
  const getNonce = encodeFunctionData({ abi: entryPointAbi, functionName: 'getNonce', args: [address, 0n] })
  const [gas, code, nonce] = await rpcBatch(chain.rpcUrl, [
    {
      method: 'eth_estimateGas',
      // the account need not exist yet: it is given the code that it will have
      params: [
        { from: entryPointAddress, to: address, data: callData },
        'latest',
        { [address]: { code: accountCode(chain.factory) } },
      ],
    },
    { method: 'eth_getCode', params: [address, 'latest'] },
    { method: 'eth_call', params: [{ to: entryPointAddress, data: getNonce }, 'latest'] },
  ])
  if (gas instanceof RpcError) throw refuseSimulation(reverted(revertReason(gas.data), { data: gas.data ?? undefined }))
  const deployed = resultOf<Hex>(code) !== '0x'
  const userOperation = {
    sender: address,
    nonce: toHex(nextNonce(simulator, wallet, chain, BigInt(resultOf<Hex>(nonce)))),
    callData,
    callGasLimit: toHex((BigInt(resultOf<Hex>(gas)) * 3n) / 2n + 50_000n),
    verificationGasLimit: toHex(200_000n + (deployed ? 0n : 400_000n)),
    preVerificationGas: '0x0',
    maxFeePerGas: '0x0',
    maxPriorityFeePerGas: '0x0',
    signature: '0x',
    ...(!deployed && { factory: chain.factory, factoryData: createAccountData(wallet) }),
  } as const
  return {
    id: randomUUID(),
    projectId: wallet.projectId,
    wallet: address,
    chain: chain.slug,
    calls: input.calls,
    signer,
    userOperation,
    userOperationHash: userOperationHash(chain.chainId, userOperation),
    status: 'awaiting-approval',
    submitted: [],
    txId: null,
    createdAt: new Date().toISOString(),
    completedAt: null,
    error: null,
    sendParams: input.sendParams ?? null,
    creation,
    hold: null,
    holdUntil: null,
    fate: null,
  }
}

/** The lowest nonce that no unfinished transaction of the wallet holds. `next` is the chain's. */
function nextNonce(simulator: Simulator, wallet: Wallet, chain: SimulatedChain, next: bigint): bigint {
  if (simulator.behaviour.nonces === 'lanes') return BigInt(`0x${randomUUID().replaceAll('-', '')}`) << 64n
  const held = new Set<bigint>()
  for (const { userOperation } of simulator.store.unfinishedOf(wallet.address, chain.slug))
    held.add(BigInt(userOperation.nonce))
  while (held.has(next)) next += 1n
  return next
}

function readCall(call: WireCall): Call {
  if ('to' in call) return { to: call.to, value: BigInt(call.value), data: call.data }
  try {
    if ('functionName' in call) {
      const { address, functionName, args } = call
      return {
        to: address,
        value: BigInt(call.value),
        data: encodeFunctionData({ abi: call.abi as Abi, functionName, args }),
      }
    }
    const { to, value = 0n, data = '0x' } = parseTransaction(call.transaction)
    if (!to) throw new Error('It has no recipient')
    return { to: getAddress(to), value, data }
  } catch (cause) {
    throw refuse(400, `params.calls: ${cause instanceof Error ? cause.message.split('\n')[0] : 'cannot be read'}`)
  }
}
