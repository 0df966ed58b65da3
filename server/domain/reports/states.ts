import type { ReportState } from '../../contract/reports.ts'
import type { States } from '../states.ts'

/** The life of a report. The picture in the docs is drawn from it. */
export const reportStates = {
  requested: { by: { ready: 'clock', failed: 'clock' }, says: 'it waits to be made, or is being made' },
  ready: { by: { expired: 'clock' }, says: 'its files are there' },
  failed: { by: {}, says: 'it could not be made; it says why' },
  expired: { by: {}, says: 'its files were deleted when their time was over; its manifest stays' },
} as const satisfies States<ReportState>
