import { concat, type Hex } from 'viem'
import type { TokenCall } from '../../gateways/chain/tokens/token-profile.ts'

/**
 * A call as it is stored with its transaction: followed by the transaction's reference, which contracts ignore and by which the calldata of
 * each is its own.
 */
export const callRecords = ({ to, data }: Pick<TokenCall, 'to' | 'data'>, reference: Hex): string =>
  JSON.stringify([{ to, value: '0', data: concat([data, reference]) }])
