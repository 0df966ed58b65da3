import { connect } from '../../../../db/connect.ts'
import { seal } from './trails.ts'

// Seals without an end, until it is killed.

const { db } = connect(process.argv[2]!, { maxConnections: 1 })
for (let sealed = 0; ; ) {
  if (await seal(db)) sealed++
  if (sealed === 1) process.send!('sealing')
}
