import { type BrowserContext, chromium, type Page } from 'playwright-core'

/** A browser with a profile of its own, which takes every `.test` host for this machine and any certificate for good. */
export interface TestBrowser extends AsyncDisposable {
  context: BrowserContext
  /** Opens a page in a new tab. */
  open(url: string): Promise<Page>
}

export async function startBrowser(executablePath: string): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath,
    args: ['--host-resolver-rules=MAP *.test 127.0.0.1', '--no-proxy-server'],
  })
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  return {
    context,
    async open(url) {
      const page = await context.newPage()
      await page.goto(url)
      return page
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** What a page's script sees of an answer: all of it, or only that there was one, or an error. */
export interface Seen {
  type: ResponseType | 'none'
  status: number
  text: string
}

/** What the browser's own network log says of a tab. */
export interface NetworkLog {
  /** Why it gave requests up: its words, such as `MissingAllowOriginHeader` or `ERR_BLOCKED_BY_RESPONSE`. */
  refusals: string[]
  /** Cookies that it did not send along, and why, such as `__Host-provider-session: SameSiteLax`. */
  heldBack: string[]
}

export async function networkLogOf(page: Page): Promise<NetworkLog> {
  const log: NetworkLog = { refusals: [], heldBack: [] }
  const session = await page.context().newCDPSession(page)
  session.on('Network.loadingFailed', ({ corsErrorStatus, blockedReason, errorText }) => {
    log.refusals.push(corsErrorStatus?.corsError ?? blockedReason ?? errorText)
  })
  session.on('Network.requestWillBeSentExtraInfo', ({ associatedCookies }) => {
    for (const { cookie, blockedReasons } of associatedCookies)
      if (blockedReasons.length > 0) log.heldBack.push(`${cookie.name}: ${blockedReasons.join(', ')}`)
  })
  await session.send('Network.enable')
  return log
}
