/** A drawing that says nothing a word beside it does not say. */
function Drawing({ path }: { path: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  )
}

export const BookIcon = () => (
  <Drawing path="M12 6.5C10 5 7 4.5 3.5 4.75v13.5c3.5-.25 6.5.25 8.5 1.75 2-1.5 5-2 8.5-1.75V4.75C17 4.5 14 5 12 6.5Zm0 0V20" />
)
export const ReceiptIcon = () => (
  <Drawing path="M5.5 3.5h13v17l-2.2-1.5-2.1 1.5-2.2-1.5-2.2 1.5-2.1-1.5-2.2 1.5v-17Zm3.5 5h6m-6 4h6" />
)
export const WalletIcon = () => (
  <Drawing path="M18.5 7.5v-3h-13a2 2 0 0 0 0 4h15v11h-15a2 2 0 0 1-2-2v-11M16.5 14h.01" />
)
export const ShopIcon = () => (
  <Drawing path="M4 10v10h16V10M3 9.5 5 4h14l2 5.5a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0ZM10 20v-5h4v5" />
)
export const ShieldIcon = () => (
  <Drawing path="M12 3 4.5 6v5.5c0 4.5 3 7.7 7.5 9.5 4.5-1.8 7.5-5 7.5-9.500V6L12 3Zm-3 9 2.2 2.200L15.5 10" />
)
export const SunIcon = () => (
  <Drawing path="M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0-5.500v2m0 15v2M2.5 12h2m15 0h2M5.3 5.300l1.4 1.400m10.6 10.6 1.4 1.400m0-13.4-1.4 1.400M6.7 17.300l-1.4 1.4" />
)
export const MoonIcon = () => <Drawing path="M20 14.500A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.500Z" />
export const LockIcon = () => <Drawing path="M6 10.500h12v10H6v-10Zm2.5 0V7a3.5 3.5 0 0 1 7 0v3.5" />
export const CheckIcon = () => <Drawing path="m5 12.5 4.5 4.500L19 7.5" />
export const CloseIcon = () => <Drawing path="m6 6 12 12M18 6 6 18" />
export const ArrowIcon = () => <Drawing path="M5 12h14m-6-6 6 6-6 6" />
export const CopyIcon = () => <Drawing path="M9 9h11v11H9V9Zm-3 6H4V4h11v2" />

/** The tiger: stripes in the shape of a purse. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 40 40" aria-hidden="true">
      <path d="M5 4.5 13 8h14l8-3.500V22c0 8.5-6 13.5-15 13.500S5 30.5 5 22V4.500Z" fill="var(--fur)" />
      <path
        d="M20 8v7m-5-6.5 1.8 5m8.2-5-1.8 5M5.5 17.500l6 2m23-2-6 2m-23 4.5 5.5.5m23.5-.5-5.5.5M17 27.500l3 2.5 3-2.5"
        fill="none"
        stroke="#1d1611"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="14" cy="22.5" r="1.9" fill="#1d1611" />
      <circle cx="26" cy="22.5" r="1.9" fill="#1d1611" />
    </svg>
  )
}
