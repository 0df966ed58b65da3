import { type Client, type Signer, signIn } from '@provider-service/client'
import { type Config, type Connector, connect, disconnect, getConnection, signMessage } from '@wagmi/core'

/** Connects a wallet of the browser and signs its owner in. */
export async function signInWith(client: Client, wallets: Config, connector: Connector, appId: string): Promise<void> {
  if (getConnection(wallets).connector?.uid !== connector.uid) {
    await disconnect(wallets).catch(() => {})
    await connect(wallets, { connector })
  }
  const { address, chainId } = getConnection(wallets)
  if (!address || !chainId) throw new Error('The wallet gave no account')
  const signer: Signer = {
    address,
    chainId,
    signMessage: (message) => signMessage(wallets, { message, account: address }),
  }
  await signIn(client, { appId, signer })
}
