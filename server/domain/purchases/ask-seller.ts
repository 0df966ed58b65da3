import type { PurchaseProblem } from '../../contract/purchases.ts'
import { type ApiAnswer, type ApiBuyer, type ApiRequest, NotAsked } from '../../gateways/api-buyer.ts'
import type { Services } from '../../services.ts'
import { type KnownOffer, withAssets } from './judge.ts'

/** What asking a seller brought. */
export type Asked = { free: ApiAnswer } | { offers: KnownOffer[] } | { problem: PurchaseProblem }

/** Asks what a call costs, and in which of our assets. Pays nothing. */
export async function askSeller({ db }: Pick<Services, 'db'>, way: ApiBuyer, request: ApiRequest): Promise<Asked> {
  try {
    const asked = await way.ask(request)
    if ('free' in asked) return asked
    const addresses = asked.offers.map(({ asset }) => asset)
    const assets =
      addresses.length === 0
        ? []
        : await db.selectFrom('asset').select(['id', 'chain_id', 'address']).where('address', 'in', addresses).execute()
    return { offers: withAssets(asked.offers, assets) }
  } catch (error) {
    if (error instanceof NotAsked) return { problem: { reason: error.reason, message: error.message } }
    throw error
  }
}
