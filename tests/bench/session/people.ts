import { sealData, unsealData } from 'iron-session'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createClient, signIn } from '../../../client-sdk/index.ts'
import { FUJI } from '../../../sandbox/sandbox.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import { PAGE, type Setting } from '../setting.ts'

/** Somebody who signed in. */
export interface Person {
  /** What their browser sends of the session, as a header. */
  cookie: string
  /** Made from the session, good for reading paywalls. */
  token: string
}

/** Signs somebody new in by the SDK, with the rest of a browser around it. */
export async function newPerson({ sandbox, appId }: Setting): Promise<Person> {
  const jar = { cookie: '' }
  const client = createClient({
    url: sandbox.serviceUrl,
    fetch: async (input, init) => {
      const response = await fetch(input, { ...init, headers: { ...init?.headers, ...jar, origin: PAGE } })
      const [given] = response.headers.getSetCookie()
      if (given) jar.cookie = given.slice(0, given.indexOf(';'))
      return response
    },
  })
  const account = privateKeyToAccount(generatePrivateKey())
  await signIn(client, {
    appId,
    signer: {
      address: account.address,
      chainId: FUJI,
      signMessage: (message) => account.signMessage({ message }),
    },
  })
  const { token } = await client.auth.token.mutate({ scopes: ['paywalls:read'] })
  return { ...jar, token }
}

/** As many cookies of a session as wanted, none of which the service has seen. */
export async function freshCookies({ cookie }: Person, count: number): Promise<string[]> {
  const password = { 1: sandboxSecrets.sessionPassword }
  const [name, seal] = cookie.split('=') as [string, string]
  const content = await unsealData(decodeURIComponent(seal), { password })
  return Promise.all(
    Array.from({ length: count }, async () => `${name}=${encodeURIComponent(await sealData(content, { password }))}`),
  )
}
