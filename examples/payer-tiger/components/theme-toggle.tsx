'use client'

import { THEME_COOKIE, type Theme } from '@/lib/theme.ts'
import { MoonIcon, SunIcon } from './icons.tsx'

/** Turns the light on or off, from whatever it is now. */
export function ThemeToggle() {
  function toggle() {
    const { dataset } = document.documentElement
    const now = dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
    const next: Theme = now === 'dark' ? 'light' : 'dark'
    dataset.theme = next
    // the server draws the next page in it, so that none flashes in the other one
    // biome-ignore lint/suspicious/noDocumentCookie: not every browser has a Cookie Store, and this text needs no escaping
    document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=31536000; samesite=lax`
  }
  return (
    <button
      type="button"
      className="icon-button theme-toggle"
      onClick={toggle}
      aria-label="Switch between light and dark"
    >
      <SunIcon />
      <MoonIcon />
    </button>
  )
}
