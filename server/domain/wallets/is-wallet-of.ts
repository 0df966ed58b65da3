import type { Services } from '../../services.ts'

/** Whether a wallet is a user's. */
export const isWalletOf = async ({ db }: Services, walletId: string, userId: string): Promise<boolean> =>
  (await db
    .selectFrom('wallet')
    .select('id')
    .where('id', '=', walletId)
    .where('user_id', '=', userId)
    .executeTakeFirst()) !== undefined
