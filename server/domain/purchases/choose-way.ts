import type { BuyingPolicy, BuyingWay } from '../../contract/purchases.ts'
import type { Services } from '../../services.ts'

/** The way to pay: the one that is asked for, or the first of the terms, that this service is configured for. Null: there is none. */
export function chooseWay(
  { buyers }: Pick<Services, 'buyers'>,
  terms: BuyingPolicy | null,
  asked: BuyingWay | undefined,
): BuyingWay | null {
  const ways = terms?.ways.filter((way) => buyers[way] && (asked === undefined || way === asked)) ?? []
  return ways[0] ?? null
}
