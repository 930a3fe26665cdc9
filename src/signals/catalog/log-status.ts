import { signal } from '../signal.ts'
import { jobStatusSchema, readJobStatus } from './job-status.ts'

export const logStatus = signal({
  kind: 'log.status',
  title: 'How far the upload of a log goes (GetLog)',
  meaning: jobStatusSchema,
  says: {
    '1.6': { LogStatusNotification: readJobStatus },
    '2.0.1': { LogStatusNotification: readJobStatus },
    '2.1': { LogStatusNotification: readJobStatus },
  },
})
