import type { TokenCall } from '../../gateways/chain/tokens/token-profile.ts'
import { callRecords, withReference } from '../transactions/calls.ts'

/** A call of a token as it is stored with its transaction. */
export const callRecord = ({ to, data }: Pick<TokenCall, 'to' | 'data'>, transactionId: string): string =>
  callRecords([{ to, value: 0n, data: withReference(data, transactionId) }])
