import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Account } from '@/components/account.tsx'
import { BrandMark } from '@/components/icons.tsx'
import { Nav } from '@/components/nav.tsx'
import { OpenSandboxWallet } from '@/components/open-sandbox-wallet.tsx'
import { Providers } from '@/components/providers.tsx'
import { ThemeToggle } from '@/components/theme-toggle.tsx'
import { whoIsThere } from '@/lib/session.ts'
import { publicSettings } from '@/lib/settings.ts'
import { THEME_COOKIE, themeOf } from '@/lib/theme.ts'
import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/styles/components.css'
import '@/styles/shell.css'
import '@/styles/shop.css'

export const metadata: Metadata = {
  title: { default: 'Payer Tiger: reading worth paying for', template: '%s · Payer Tiger' },
  description: 'Essays and field notes, sold one by one. Pay with your own wallet or with one that we keep for you.',
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#faf6f0' },
    { media: '(prefers-color-scheme: dark)', color: '#13100d' },
  ],
}

export default async function Layout({ children }: { children: ReactNode }) {
  // without the service there is a page as well, which says so
  const [jar, me] = await Promise.all([cookies(), whoIsThere().catch(() => undefined)])
  const settings = publicSettings()
  return (
    <html lang="en" data-theme={themeOf(jar.get(THEME_COOKIE)?.value)} suppressHydrationWarning>
      <body>
        <Providers settings={settings} me={me}>
          <a className="skip-link" href="#main">
            Skip to the content
          </a>
          <header className="top">
            <div className="top-inner">
              <Link href="/" className="brand">
                <BrandMark />
                Payer Tiger
              </Link>
              <Nav />
              <ThemeToggle />
              <Account />
            </div>
          </header>
          <main id="main" tabIndex={-1}>
            {children}
          </main>
          <footer className="foot">
            <div className="foot-inner">
              <span>Payer Tiger sells reading on Provider Service.</span>
              {settings.sandbox && (
                <span className="row">
                  A sandbox: nothing here is worth anything.
                  <OpenSandboxWallet />
                </span>
              )}
            </div>
          </footer>
        </Providers>
      </body>
    </html>
  )
}
