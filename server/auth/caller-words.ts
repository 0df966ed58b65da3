import type { Caller } from '../contract/callers.ts'

/** What each caller is called where people read, and what it is there for. */
export const callerWords: Record<Caller, { name: string; says: string }> = {
  anyone: { name: 'anyone', says: 'Whoever calls, signed in or not: this is how signing in begins.' },
  user: {
    name: 'people who signed in',
    says: 'Whoever signed in with a wallet. Looks at the paywalls of the app, pays from wallets of their own, and sees what they paid and bought.',
  },
  merchant: {
    name: 'merchants',
    says: 'Somebody who sells. Opens paywalls, changes and archives their own, and sees what was paid to them. Takes no payment back.',
  },
  officer: {
    name: 'compliance officers',
    says: "Somebody who answers for compliance. Keeps the deny lists; sees every wallet, payment, decision and audit trail of the app, and its people. Moves nobody else's money, but for what a token's issuer may do with it (freeze, take, mint, burn), and that with a second person.",
  },
  auditor: {
    name: 'auditors',
    says: 'Somebody who checks the others. Sees what officers and operators see, API keys without their secrets included, and changes none of it.',
  },
  operator: {
    name: "the app's operators",
    says: 'Somebody who runs the app, and sees all of it. Changes its pages, its API keys and any paywall, takes payments back that were not sent yet, signs people out, registers tokens, and asks for changes of roles and for what is done to tokens for their issuers, on which somebody else decides.',
  },
  service: {
    name: 'API keys of an app',
    says: "The app's own servers. Makes wallets, opens paywalls, pays from any custodial wallet of the app, keeps its deny lists, registers tokens and asks for what is done for their issuers, and reads what happens in it, as far as the key's scopes reach.",
  },
  platform: {
    name: "API keys of the platform's operators",
    says: 'Those who run this service for all apps. Registers apps and assets, and does for any app what its operators do with pages, API keys, people and roles. Itself sees no wallet and no payment.',
  },
}
