import { signal } from '../signal.ts'
import { jobStatusSchema, readJobStatus } from './job-status.ts'

export const firmwareStatus = signal({
  kind: 'firmware.status',
  title: 'How far a firmware update goes',
  meaning: jobStatusSchema,
  says: {
    '1.6': {
      FirmwareStatusNotification: readJobStatus,
      SignedFirmwareStatusNotification: readJobStatus,
    },
    '2.0.1': { FirmwareStatusNotification: readJobStatus },
    '2.1': { FirmwareStatusNotification: readJobStatus },
  },
})
