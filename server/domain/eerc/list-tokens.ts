import type { EercToken } from '../../contract/eerc.ts'
import type { Page } from '../../contract/entities.ts'
import type { Services } from '../../services.ts'
import { type PageRequest, page } from '../page.ts'
import type { AppPrincipal } from '../principal.ts'
import { tokenColumns, tokenOf, tokensOf } from './token-of.ts'

/** Lists the tokens that the app has registered, newest first. */
export const listTokens = ({ db }: Services, principal: AppPrincipal, request: PageRequest): Promise<Page<EercToken>> =>
  page(tokensOf(db, principal).select(tokenColumns), 'eerc_token', request, tokenOf)
