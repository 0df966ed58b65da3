import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { GrantedRole, TokenScope } from '../../server/contract/callers.ts'
import type { Challenge, SignedIn, Token } from '../../server/contract/entities.ts'
import { type Answer, call } from '../http/support/calls.ts'
import { withAdmin } from '../http/support/rows.ts'
import type { World } from './world.ts'

/** Someone with a wallet of their own who signed in to an app, as a browser does. */
export interface Person {
  userId: string
  appId: string
  sessionId: string
  account: PrivateKeyAccount
  /** What their browser sends with each call: its cookie, and the page it is on. */
  headers: { cookie: string; origin: string }
  query(path: string, input?: unknown): Promise<Answer>
  mutate(path: string, input?: unknown): Promise<Answer>
  /** A bearer token made from their session. */
  token(...scopes: TokenScope[]): Promise<string>
}

export interface PersonOptions {
  appId?: string
  roles?: readonly GrantedRole[]
  account?: PrivateKeyAccount
  /** Another instance of the service than the world's. */
  url?: string
}

/** The page of every app in the tests. */
export const PAGE = 'http://app.localhost:3000'

/** Signs somebody in, over HTTP, with a real signature. Their roles are put into the database: who may grant them is tested elsewhere. */
export async function person(world: World, options: PersonOptions = {}): Promise<Person> {
  const {
    appId = world.appId,
    roles = [],
    account = privateKeyToAccount(generatePrivateKey()),
    url = world.url,
  } = options
  const origin = { origin: PAGE }
  const challenge = await call(
    url,
    { path: 'auth.challenge', type: 'mutation' },
    { appId, address: account.address, chainId: world.chain.chainId },
    origin,
  )
  const { nonce, message } = expectData<Challenge>(challenge)
  const verified = await call(
    url,
    { path: 'auth.verify', type: 'mutation' },
    { nonce, signature: await account.signMessage({ message }) },
    origin,
  )
  const { user, session } = expectData<SignedIn>(verified)
  if (roles.length > 0)
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query('update app_user set roles = $1 where id = $2', [roles, user.id]),
    )
  const headers = { cookie: cookieOf(verified), origin: PAGE }
  const mutate = (path: string, input?: unknown) => call(url, { path, type: 'mutation' }, input, headers)
  return {
    userId: user.id,
    appId,
    sessionId: session.id,
    account,
    headers,
    mutate,
    query: (path, input) => call(url, { path, type: 'query' }, input, headers),
    token: async (...scopes) => expectData<Token>(await mutate('auth.token', { scopes })).token,
  }
}

/** The cookie that an answer gives, as a browser sends it back. */
export function cookieOf({ headers }: Pick<Answer, 'headers'>): string {
  const [cookie] = headers.getSetCookie()
  if (!cookie) throw new Error('The answer sets no cookie')
  return cookie.slice(0, cookie.indexOf(';'))
}

function expectData<T>({ status, text, data }: Answer): T {
  if (status !== 200) throw new Error(`${status}: ${text}`)
  return data as T
}
