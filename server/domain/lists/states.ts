import type { ListImportState } from '../../contract/entities.ts'
import type { States } from '../states.ts'

/** The life of an import: what may follow each state, and who may cause it. The picture in the docs is drawn from it. */
export const importStates = {
  staging: {
    by: { staged: 'caller', discarded: 'caller', expired: 'clock' },
    says: 'its rows are being written; nobody reads them',
  },
  staged: {
    by: { published: 'another person', discarded: 'caller', expired: 'clock' },
    says: 'it was compared with the list and waits to be published; the list is as it was',
  },
  published: { by: {}, says: 'its entries replaced those of the list, in one commit' },
  discarded: { by: {}, says: 'taken back, or its publication was refused or not decided on; its rows are deleted' },
  expired: { by: {}, says: 'not published within 7 days; its rows are deleted' },
} as const satisfies States<ListImportState>
