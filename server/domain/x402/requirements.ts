import type { PaymentRequirements } from '@x402/core/types'
import type { PaymentRequirementsV1 } from '@x402/core/types/v1'
import { EVM_NETWORK_CHAIN_ID_MAP } from '@x402/evm/v1'
import type { TokenDomain } from '../../gateways/chain/transfer-authorization.ts'
import { chainName } from '../wire.ts'
import type { SaleRow } from './sale-rows.ts'

/** Seconds from an offer's acceptance within which it is settled, or the buyer is told to ask again. */
export const MOST_SECONDS = 60

/** What of a paywall a payment has to meet. */
type Terms = Pick<SaleRow, 'chain_id' | 'price' | 'token' | 'recipient'>

/** What a buyer has to pay, in the words of the protocol's second version. */
export const requirementsOf = (sale: Terms, { name, version }: TokenDomain): PaymentRequirements => ({
  scheme: 'exact',
  network: chainName(sale.chain_id),
  amount: String(sale.price),
  asset: sale.token,
  payTo: sale.recipient,
  maxTimeoutSeconds: MOST_SECONDS,
  extra: { name, version, assetTransferMethod: 'eip3009' },
})

/** The same in those of the first, which names its chains; null for a chain that it has no name for. */
export function requirementsV1Of(
  sale: SaleRow,
  { name, version }: TokenDomain,
  resource: string,
): PaymentRequirementsV1 | null {
  const network = networkV1(sale.chain_id)
  if (!network) return null
  return {
    scheme: 'exact',
    network: network as PaymentRequirementsV1['network'],
    maxAmountRequired: String(sale.price),
    resource,
    description: sale.title,
    mimeType: 'application/json',
    outputSchema: {},
    payTo: sale.recipient,
    maxTimeoutSeconds: MOST_SECONDS,
    asset: sale.token,
    extra: { name, version },
  }
}

const networks = new Map(Object.entries(EVM_NETWORK_CHAIN_ID_MAP).map(([name, chainId]) => [chainId as number, name]))

/** What the first version calls a chain. */
export const networkV1 = (chainId: bigint): string | null => networks.get(Number(chainId)) ?? null
