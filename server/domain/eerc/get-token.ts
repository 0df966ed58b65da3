import type { EercToken } from '../../contract/eerc.ts'
import type { Services } from '../../services.ts'
import { notFound } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'
import { type TokenFields, tokenColumns, tokenOf, tokensOf } from './token-of.ts'

/** @throws NOT_FOUND */
export const getToken = async (
  services: Services,
  principal: AppPrincipal,
  { tokenId }: { tokenId: string },
): Promise<EercToken> => tokenOf(await readToken(services, principal, tokenId))

/** @throws NOT_FOUND */
export async function readToken({ db }: Services, app: { appId: string }, tokenId: string): Promise<TokenFields> {
  const row = await tokensOf(db, app).select(tokenColumns).where('eerc_token.id', '=', tokenId).executeTakeFirst()
  if (!row) throw notFound('token')
  return row
}
