import { createClient, errorOf, signIn } from '../client-sdk/index.ts'
import { browserOn } from './browser.ts'
import { PAGE, type PersonName, people, signerOf } from './people.ts'

// `npm run sign-in -- NAME`: signs one of the sandbox's people in, and prints the headers with which curl is them.

const [name = '', appId = '', url = `http://127.0.0.1:${process.env.PORT ?? 4000}`] = process.argv.slice(2)
if (!(name in people) || !appId) {
  console.error(`npm run sign-in -- NAME APP_ID [URL]\n\nNAME is one of ${Object.keys(people).join(', ')}.`)
  process.exit(2)
}

const cookies: string[] = []
const browser = browserOn(PAGE)
const client = createClient({
  url,
  fetch: async (input, init) => {
    const response = await browser(input, init)
    cookies.push(...response.headers.getSetCookie().map((cookie) => cookie.slice(0, cookie.indexOf(';'))))
    return response
  },
})
try {
  const { user } = await signIn(client, { appId, signer: signerOf(name as PersonName) })
  console.error(`${name} ${user.address}: ${user.roles.join(', ')}`)
  console.log(`-H 'origin: ${PAGE}' -H 'cookie: ${cookies.at(-1)}'`)
} catch (error) {
  console.error(`${name} cannot sign in: ${errorOf(error).message}`)
  process.exitCode = 1
}
