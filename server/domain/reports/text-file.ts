import { createHash } from 'node:crypto'
import type { FileSeal } from '../audit/export-format.ts'
import { DomainError } from '../domain-error.ts'

/** A file of a report: text, in parts that a row of the database can hold. No part ends within a character. */
export interface TextFile {
  name: string
  /** UTF-8. */
  parts: Buffer[]
  /** Rows of its table or tables; null where it has none. */
  rows: number | null
  seal: FileSeal
}

/** Characters after which a part is full. */
const PART = 100_000

/** Bytes that one file may have. */
const MOST_BYTES = 256 * 1024 * 1024

/** A file that is written piece by piece; no piece is cut. */
export function textFile(name: string) {
  const digest = createHash('sha256')
  // bytes, not text: what has hundreds of megabytes is better kept out of the heap
  const parts: Buffer[] = []
  let [part, bytes] = ['', 0]
  function cut(): void {
    const content = Buffer.from(part)
    part = ''
    bytes += content.length
    if (bytes > MOST_BYTES)
      throw new DomainError('TOO_LARGE', `${name} would have more than ${MOST_BYTES} bytes: ask for a shorter period.`)
    digest.update(content)
    parts.push(content)
  }
  return {
    /** @throws TOO_LARGE */
    write(text: string): void {
      part += text
      if (part.length >= PART) cut()
    },
    /** @throws TOO_LARGE */
    end(rows: number | null): TextFile {
      if (part !== '' || parts.length === 0) cut()
      return { name, parts, rows, seal: { bytes, sha256: digest.digest('hex') } }
    },
  }
}
