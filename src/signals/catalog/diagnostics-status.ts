import { signal, silent } from '../signal.ts'
import { jobStatusSchema, readJobStatus } from './job-status.ts'

const replaced = silent('GetLog and LogStatusNotification took the place of diagnostics')

export const diagnosticsStatus = signal({
  kind: 'diagnostics.status',
  title: 'How far the upload of diagnostics goes (GetDiagnostics)',
  meaning: jobStatusSchema,
  says: {
    '1.6': { DiagnosticsStatusNotification: readJobStatus },
    '2.0.1': replaced,
    '2.1': replaced,
  },
})
