import { type Config, type GetConnectionReturnType, getConnection } from '@wagmi/core'
import { walletError } from './wallet-error.ts'

type Connection = Extract<GetConnectionReturnType, { status: 'connected' }>

/**
 * The wallet that is connected now.
 *
 * @throws ProviderServiceError WALLET_FAILED (`details.reason`: `not_connected`)
 */
export function connected(config: Config): Connection {
  const connection = getConnection(config)
  if (connection.status === 'connected') return connection
  throw walletError('WALLET_FAILED', 'No wallet is connected. Connect one, then try again.', 'not_connected')
}
