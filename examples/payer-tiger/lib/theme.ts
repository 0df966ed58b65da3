export type Theme = 'light' | 'dark'

/** What a browser remembers of it; without one it is as the system is. */
export const THEME_COOKIE = 'theme'

export const themeOf = (value: string | undefined): Theme | undefined =>
  value === 'light' || value === 'dark' ? value : undefined
