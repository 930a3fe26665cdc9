import { isRefusal, operation, planner } from '../../operation.ts'
import type { LogParams } from './log-request.ts'
import {
  checkPeriod,
  fileArrives,
  logAnswers,
  logParams,
  logRequest,
  periodFor,
  uploadAddress,
  willSend,
} from './log-request.ts'

const { call, call2x } = planner<LogParams>()
const minute = 60_000
/** 1.6 has one job of this kind and 2.x another; only one of them is ever told. */
const diagnostics = fileArrives('diagnostics')
const log = fileArrives('log')

export const diagnosticsFetch = operation({
  name: 'diagnostics.fetch',
  title: 'Fetch a charger’s diagnostics',
  description:
    'Asks the charger to upload its diagnostics log to our file plane. Worked when the file has arrived; `otactl files` shows it.',
  risk: 'routine',
  params: logParams,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'refuse', scope: () => 'diagnostics' },
  check: checkPeriod,
  effect: {
    seenIn: 'behaviour',
    looksLike: 'the file arrives at our file plane',
    withinMs: 60 * minute,
    seen(facts, since, params, context) {
      const { version } = facts
      const effect = version === '1.6' ? diagnostics : log
      if (effect.seenIn !== 'behaviour') return { seen: 'not-yet' }
      return effect.seen(facts, since, params, context)
    },
  },
  versions: {
    '1.6': call('1.6', 'GetDiagnostics', {
      request(params, charger, fresh) {
        const location = uploadAddress(charger, fresh)
        if (typeof location !== 'string') return location
        const period = periodFor(params, charger)
        if (isRefusal(period)) return period
        return {
          location,
          retries: params.retries ?? 3,
          retryInterval: 60,
          ...(period.from === undefined ? {} : { startTime: period.from }),
          ...(period.to === undefined ? {} : { stopTime: period.to }),
        }
      },
      // Without a file name there is no diagnostics information (OCPP 1.6 5.9).
      judge: ({ fileName }) =>
        fileName === undefined || fileName === ''
          ? { meaning: 'refused', detail: 'the charger has no diagnostics to upload' }
          : willSend(fileName),
    }),
    ...call2x('GetLog', {
      request: (params, charger, fresh) => logRequest('DiagnosticsLog', params, charger, fresh),
      answers: logAnswers,
    }),
  },
})
