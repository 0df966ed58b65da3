import type { Metadata } from 'next'
import Link from 'next/link'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <div className="empty">
      <h1>No tracks here</h1>
      <p>There is no page at this address, or it is not yours to see.</p>
      <Link className="button button-primary" href="/">
        To the library
      </Link>
    </div>
  )
}
