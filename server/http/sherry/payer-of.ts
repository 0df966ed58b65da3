import type { Request } from 'express'
import * as z from 'zod'
import type { Address } from '../../contract/entities.ts'
import { DomainError } from '../../domain/domain-error.ts'
import { addressInput } from '../../schemas/common.ts'
import { chainIdOf } from './chains.ts'

const text = z.string().max(200).optional().catch(undefined)

/** Where either dialect says who pays and where. Whatever else a body or a query holds is not looked at. */
const body = z
  .object({ context: z.object({ userAddress: text, sourceChain: z.union([z.number().transform(String), text]) }) })
  .transform(({ context }) => context)
  .catch({ userAddress: undefined, sourceChain: undefined })
const query = z.object({ userAddress: text, chain: text })

/**
 * The wallet that a host names as the payer's, of the body's context, the header and the query the first that there is. Nobody has proven
 * that it is theirs.
 *
 * @throws INVALID_INPUT for none, or for what is no address
 */
export function payerOf(request: Request): Address {
  const named =
    body.parse(request.body).userAddress || request.get('x-wallet-address') || query.parse(request.query).userAddress
  if (!named)
    throw new DomainError(
      'INVALID_INPUT',
      'Say which wallet pays: context.userAddress in the body, the header x-wallet-address, or userAddress in the query.',
    )
  const { success, data, error } = addressInput.safeParse(named)
  if (!success) throw new DomainError('INVALID_INPUT', `The wallet that pays: ${error.issues[0]!.message}`)
  return data
}

/**
 * Makes sure that a host that names a chain means the paywall's.
 *
 * @throws CHAIN_NOT_SUPPORTED
 */
export function requireChain(request: Request, chainId: number): void {
  const named = [
    body.parse(request.body).sourceChain,
    request.get('x-chain-id'),
    query.parse(request.query).chain,
  ].filter(Boolean)
  for (const name of named)
    if (chainIdOf(name!) !== chainId)
      throw new DomainError('CHAIN_NOT_SUPPORTED', `This paywall is paid on chain eip155:${chainId}, not on ${name}.`)
}
