'use client'

import { useEffect, useState } from 'react'
import { short } from '@/lib/words.ts'
import { CheckIcon, CopyIcon } from './icons.tsx'

/** An address or a hash, shortened, with a button that copies all of it. */
export function Copy({ value, what }: { value: string; what: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <span className="copy">
      <span className="mono" title={value}>
        {short(value)}
      </span>
      <button
        type="button"
        className="copy-button"
        aria-label={`Copy ${what}`}
        onClick={() => navigator.clipboard.writeText(value).then(() => setCopied(true))}
      >
        {copied ? <CheckIcon /> : <CopyIcon />}
      </button>
      <span role="status" className="visually-hidden">
        {copied && 'Copied'}
      </span>
    </span>
  )
}
