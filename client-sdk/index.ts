export type * from '../server/contract/audit.ts'
export type * from '../server/contract/callers.ts'
export type * from '../server/contract/eerc.ts'
export type * from '../server/contract/endpoints.ts'
export type * from '../server/contract/entities.ts'
export type { ErrorCode, Issue } from '../server/contract/errors.ts'
export type * from '../server/contract/events.ts'
export type * from '../server/contract/explanations.ts'
export type * from '../server/contract/inbox.ts'
export type * from '../server/contract/policies.ts'
export type * from '../server/contract/purchases.ts'
export type * from '../server/contract/reports.ts'
export type { AppRouter } from '../server/router.ts'
export { all } from './all.ts'
export { type BuyOptions, buy } from './buy.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export {
  type ClientErrorCode,
  type ErrorDetails,
  errorOf,
  isProviderError,
  type ProviderErrorCode,
  type ProviderErrorOf,
  ProviderServiceError,
  type ProviderServiceErrorDetails,
} from './errors.ts'
export { type EventsOptions, events } from './events.ts'
export { type Intentions, intentions } from './intentions.ts'
export { type PayOptions, pay, type SettledPayment } from './pay.ts'
export { type Signer, type SignInOptions, signIn, signOut } from './session.ts'
export type { IntentionStorage } from './storage.ts'
export type { WalletSender } from './wallet.ts'
export { type ReceivedWebhook, verifyWebhook, type WebhookRefusal } from './webhooks.ts'
