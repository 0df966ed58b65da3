import { formatUnits } from 'viem'
import { DomainError } from '../../domain/domain-error.ts'
import type { PublicOffer } from '../../domain/paywalls/public-offer.ts'
import { type Dialect, sherryChain } from './chains.ts'

/** A mini-app as Sherry's hosts show it. */
export interface MiniApp {
  url: string
  icon: string
  title: string
  description: string
  baseUrl: string
  actions: [DynamicAction]
}

/** A button whose transaction comes from us. */
export interface DynamicAction {
  type: 'dynamic'
  label: string
  description: string
  chains: { source: string | number }
  path: string
}

export const pathOf = (paywallId: string): string => `/sherry/paywalls/${paywallId}`
export const iconPath = '/sherry/icon.svg'

/** What a host shows on a button at most. */
const LONGEST_LABEL = 50

/**
 * The mini-app that sells a paywall: one button, that pays its price.
 *
 * @throws CHAIN_NOT_SUPPORTED for a paywall on a chain that this version of Sherry does not know
 */
export function miniAppOf(offer: PublicOffer, origin: string, dialect: Dialect): MiniApp {
  const { paywallId, title, price, recipient, accessSeconds, asset } = offer
  const source = sherryChain(dialect, asset.chainId)
  if (source === null)
    throw new DomainError(
      'CHAIN_NOT_SUPPORTED',
      `Sherry ${dialect} does not know chain eip155:${asset.chainId}, on which this paywall is paid. Sell it in the app itself.`,
    )
  const amount = `${formatUnits(price, asset.decimals)} ${asset.symbol}`
  const period = accessSeconds === null ? 'for good' : `for ${durationOf(accessSeconds)}`
  return {
    url: `${origin}${pathOf(paywallId)}`,
    icon: `${origin}${iconPath}`,
    title,
    description: `Access ${period} for ${amount}. Once it is paid, sign in to the app with the same wallet to unlock it.`,
    baseUrl: origin,
    actions: [
      {
        type: 'dynamic',
        label: `Pay ${amount}`.slice(0, LONGEST_LABEL),
        description: `Sends ${amount} to ${recipient}.`,
        chains: { source },
        path: `${pathOf(paywallId)}/pay`,
      },
    ],
  }
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** Seconds in the largest unit that holds them whole: `30 days`. */
function durationOf(seconds: number): string {
  const [unit, size] = units.find(([, size]) => seconds % size === 0)!
  const count = seconds / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
