import 'server-only'

/** A chain that people pay on. */
export interface ChainSetting {
  id: number
  name: string
  /** What the chain's own coin, which fees are paid in, is called. */
  coin: string
  /** Asked by the wallet and by this page, from the browser. */
  rpcUrl: string
  /** Where transactions can be looked at, under `/tx/{hash}`; in the sandbox this app's own `/explorer`. */
  explorer: string
}

/** What browsers may know of the settings. */
export interface PublicSettings {
  /** The id of this app at the service. */
  appId: string
  chains: ChainSetting[]
  /** Whether everything is on one machine and nothing is worth anything: there are a wallet, a faucet and an explorer then. */
  sandbox: boolean
}

export interface Settings extends PublicSettings {
  /** Where the service is, as this server reaches it. */
  providerUrl: string
  /** A key of the app, with which the shop window is read; it needs `paywalls:read` and `assets:read` and no more. */
  apiKey: string
  /** Holds what is sold, a file each. */
  contentDirectory: string
}

/** Reads the environment when it is asked, so that one build serves every place. @throws Error that names what is missing */
export function settings(): Settings {
  return {
    providerUrl: required('PROVIDER_URL'),
    appId: required('PROVIDER_APP_ID'),
    apiKey: required('PROVIDER_API_KEY'),
    chains: JSON.parse(required('CHAINS')) as ChainSetting[],
    sandbox: process.env.SANDBOX === '1',
    contentDirectory: process.env.CONTENT_DIRECTORY ?? '.content',
  }
}

export function publicSettings(): PublicSettings {
  const { appId, chains, sandbox } = settings()
  return { appId, chains, sandbox }
}

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: see the README`)
  return value
}
