export { type Confirmed, type ConfirmOptions, confirm } from './confirm.ts'
export { signer } from './signer.ts'
export { wallet } from './wallet.ts'
export { type WatchWalletOptions, watchWallet } from './watch-wallet.ts'
