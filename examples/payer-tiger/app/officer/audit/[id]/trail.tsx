'use client'

import { type AuditLeaf, all, errorOf } from '@provider-service/client'
import { keyOf } from '@provider-service/client/react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Answer } from '@/components/asked.tsx'
import { useSurroundings } from '@/components/providers.tsx'
import { formatMoment } from '@/lib/words.ts'
import { Actor } from '../../actor.tsx'
import { leafHash, verifyRecord } from '../verify-record.ts'

type Keys = Readonly<Record<string, string>>

/** What the bytes of a record say. */
interface Said {
  action: string
  actor: string
  at: string
  object: string
  type: string
  previous: string
  data: Record<string, unknown>
}

/** The trail of one object, each record recomputed here. */
export function Trail({ id, keys }: { id: string; keys: Keys }) {
  const { client } = useSurroundings()
  const trail = useQuery({
    queryKey: [...keyOf((service) => service.audit.trail, { objectId: id }), 'whole'],
    queryFn: async ({ signal }) => {
      const leaves: AuditLeaf[] = []
      for await (const leaf of all(client.audit.trail, { objectId: id }, { signal })) leaves.push(leaf)
      return { leaves, broken: await firstBreak(leaves) }
    },
    retry: false,
  })
  const unknown = trail.error && ['NOT_FOUND', 'INVALID_INPUT'].includes(errorOf(trail.error).code)
  if (unknown || trail.data?.leaves.length === 0)
    return (
      <div className="empty">
        <h1>There is no such trail</h1>
        <p>
          Nothing of this shop has that id. <Link href="/officer/audit">Search for what happened</Link>
        </p>
      </div>
    )
  return (
    <div className="stack">
      <header className="stack tight">
        <p>
          <Link href="/officer/audit" className="small">
            All records
          </Link>
        </p>
        <h1>A trail</h1>
        <p className="mono small break">{id}</p>
      </header>
      <Answer query={trail} what="the trail" lines={8}>
        {({ leaves, broken }) => (
          <>
            {broken === null ? (
              <p className="note note-good">
                {leaves.length === 1
                  ? 'This browser has recomputed its one record: it is what its hash says.'
                  : `This browser has recomputed its ${leaves.length} records: each is what its hash says, and names the hash of the one before.`}
              </p>
            ) : (
              <p className="note note-bad" role="alert">
                Record {String(broken)} does not fit: its hash is not that of its bytes, or it does not name the one
                before.
              </p>
            )}
            <ol className="stack">
              {leaves.map((leaf) => (
                <li key={String(leaf.sequence)} id={`r${leaf.sequence}`} className="card stack tight leaf">
                  <Leaf leaf={leaf} keys={keys} />
                </li>
              ))}
            </ol>
          </>
        )}
      </Answer>
    </div>
  )
}

function Leaf({ leaf, keys }: { leaf: AuditLeaf; keys: Keys }) {
  const said = JSON.parse(leaf.body) as Said
  return (
    <>
      <p className="row row-apart">
        <strong className="mono">{said.action}</strong>
        <span className="tiny soft">record {String(leaf.sequence)}</span>
      </p>
      <p className="small">
        <Actor actor={said.actor} />, {formatMoment(new Date(said.at))}
      </p>
      <dl className="facts hashes">
        <div>
          <dt>Hash</dt>
          <dd className="mono">{leaf.hash}</dd>
        </div>
        <div>
          <dt>The one before</dt>
          <dd className="mono">{/^0+$/.test(said.previous) ? 'none: this is the first' : said.previous}</dd>
        </div>
      </dl>
      <Proof leaf={leaf} keys={keys} />
      <details>
        <summary className="small">What it says</summary>
        <pre className="text-block">{JSON.stringify(said.data, null, 2)}</pre>
      </details>
    </>
  )
}

/** Where a record is in the sealed log, and whether that is true. */
function Proof({ leaf, keys }: { leaf: AuditLeaf; keys: Keys }) {
  const { client } = useSurroundings()
  const proof = useQuery({
    queryKey: [
      ...keyOf((service) => service.audit.proof, { objectId: leaf.stream, sequence: leaf.sequence }),
      leaf.hash,
    ],
    queryFn: async ({ signal }) => {
      const { stream: objectId, sequence } = leaf
      const found = await client.audit.proof.query({ objectId, sequence }, { signal })
      // of the record that is shown, not of whatever comes with the proof
      return { seal: found.seal, ...(await verifyRecord({ ...found, leaf }, keys)) }
    },
    refetchInterval: ({ state }) => (state.data?.seal === null ? 2_000 : false),
    staleTime: 600_000,
    retry: false,
  })
  return (
    <Answer query={proof} what="its proof" lines={1}>
      {({ seal, hash, included, signed }) =>
        seal === null ? (
          <p className="row tight" role="status">
            <span className="spinner" aria-hidden="true" />
            <span className="small soft">Being sealed into the log …</span>
          </p>
        ) : (
          <>
            <p className="row tight">
              <span className={`badge ${hash && included ? 'badge-good' : 'badge-bad'}`}>
                {hash && included ? 'Proven to be in the log' : 'Not proven'}
              </span>
              <span className={`badge ${signed ? 'badge-good' : signed === false ? 'badge-bad' : ''}`}>
                {signed ? 'Its root is signed' : signed === false ? 'The signature is wrong' : 'Signature not checked'}
              </span>
            </p>
            <details>
              <summary className="small">
                Number {seal.index + 1} of {seal.checkpoint.size}, by {seal.path.length} hashes
              </summary>
              <dl className="facts hashes">
                {seal.path.map((sibling, step) => (
                  <div key={sibling}>
                    <dt>Step {step + 1}</dt>
                    <dd className="mono">{sibling}</dd>
                  </div>
                ))}
                <div>
                  <dt>Root</dt>
                  <dd className="mono">{seal.checkpoint.root}</dd>
                </div>
                <div>
                  <dt>Checkpoint</dt>
                  <dd>
                    {seal.checkpoint.number}, sealed {formatMoment(new Date(seal.checkpoint.sealedAt))}, signed by the
                    key “{seal.checkpoint.key}”
                  </dd>
                </div>
                <div>
                  <dt>Signature</dt>
                  <dd className="mono">{seal.checkpoint.signature}</dd>
                </div>
              </dl>
            </details>
          </>
        )
      }
    </Answer>
  )
}

/** The number of the first record that does not fit its hash or the one before; null if all do. */
async function firstBreak(leaves: readonly AuditLeaf[]): Promise<bigint | null> {
  let previous = '0'.repeat(64)
  for (const [index, { body, hash, sequence }] of leaves.entries()) {
    const computed = [...(await leafHash(body))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    const said = JSON.parse(body) as Said
    if (computed !== hash || said.previous !== previous || sequence !== BigInt(index + 1)) return sequence
    previous = hash
  }
  return null
}
