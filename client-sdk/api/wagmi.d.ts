import { ChainName, Client, Hash, Signer, WalletSender } from "./index.js";
import { Config } from "@wagmi/core";
/** Where a transaction came to be on the chain. */
interface Confirmed {
  /** Of what was mined: another one than was sent, if the person sped it up in their wallet. */
  hash: Hash;
  blockNumber: bigint;
}
interface ConfirmOptions {
  /** The chain it was sent on; the one that wagmi is on, if you name none. */
  chain?: ChainName;
  /** Milliseconds to wait; for ever if you name none. */
  timeout?: number;
}
/**
 * Waits until a transaction is in a block, as this browser's node sees it: to show progress. Whether a payment is settled is what the
 * service says.
 *
 * @example
 * const { blockNumber } = await confirm(config, payment.transactionHash, { chain: payment.chain })
 *
 * @throws ProviderServiceError WALLET_FAILED when it was mined and had no effect, or cannot be found in time (`details.reason`: `reverted` or `not_found`)
 */
declare function confirm(config: Config, hash: Hash, { chain, timeout }?: ConfirmOptions): Promise<Confirmed>;
/**
 * The connected wallet as `signIn` takes it. Make one when somebody asks to sign in: it is the account and the chain of that moment.
 *
 * @example
 * import { signIn } from '@provider-service/client'
 * import { signer } from '@provider-service/client/wagmi'
 *
 * await signIn(client, { appId, signer: signer(config) })
 *
 * @throws ProviderServiceError WALLET_FAILED without a connected wallet; its `signMessage` WALLET_REJECTED when the person says no,
 *   WALLET_FAILED when the wallet cannot
 */
declare function signer(config: Config): Signer;
/**
 * The connected wallet as `pay` takes it, for payments from a wallet of the person's own. It sees to it that the connected account is the
 * payment's, changes the wallet's network if it has to (and adds it, if the wallet does not know it), and asks the person to sign.
 *
 * @example
 * import { pay } from '@provider-service/client'
 * import { wallet } from '@provider-service/client/wagmi'
 *
 * await pay(client, { paywallId, walletId, wallet: wallet(config) })
 *
 * @throws ProviderServiceError WALLET_FAILED without a connected wallet. Its `sendCalls`: WALLET_REJECTED when the person says no, WRONG_CHAIN when
 *   the wallet stays on another network, WALLET_FAILED otherwise, with `details.reason` `not_connected`, `other_account`, `no_gas` or `failed`
 */
declare function wallet(config: Config): WalletSender;
interface WatchWalletOptions {
  client: Client;
  /** Told when the session has ended: show the page as it is for nobody. */
  onSignedOut?: () => void;
}
/**
 * Ends the session of this browser when its wallet is disconnected or another account is chosen in it: whoever sits there now may be
 * somebody else. Reconnecting after a reload changes nothing. While the service cannot be reached it is asked again, unless somebody has signed
 * in meanwhile with the wallet that is connected then.
 *
 * @returns ends the watch
 *
 * @example
 * useEffect(() => watchWallet(config, { client, onSignedOut: () => router.refresh() }), [])
 */
declare function watchWallet(config: Config, { client, onSignedOut }: WatchWalletOptions): () => void;
export { type ConfirmOptions, type Confirmed, type WatchWalletOptions, confirm, signer, wallet, watchWallet };