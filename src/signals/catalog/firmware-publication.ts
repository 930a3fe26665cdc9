import { signal, silent } from '../signal.ts'
import { jobStatusSchema, readJobStatus } from './job-status.ts'

export const firmwarePublication = signal({
  kind: 'firmware.publication',
  title: 'How far a local controller is with publishing firmware',
  meaning: jobStatusSchema,
  says: {
    '1.6': silent('OCPP 1.6 knows no local controllers'),
    '2.0.1': { PublishFirmwareStatusNotification: readJobStatus },
    '2.1': { PublishFirmwareStatusNotification: readJobStatus },
  },
})
