/** A closed lock with a keyhole, on a square: what hosts show beside a mini-app. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Paywall">
  <rect width="64" height="64" rx="14" fill="#16213a"/>
  <path d="M22 29v-6a10 10 0 0 1 20 0v6" fill="none" stroke="#ffb454" stroke-width="5" stroke-linecap="round"/>
  <rect x="16" y="28" width="32" height="24" rx="6" fill="#ffb454"/>
  <circle cx="32" cy="38" r="4" fill="#16213a"/>
  <path d="M32 39v7" stroke="#16213a" stroke-width="4" stroke-linecap="round"/>
</svg>
`
