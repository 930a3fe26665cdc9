import { operation, planner } from '../../operation.ts'
import type { LogParams } from './log-request.ts'
import { checkPeriod, fileArrives, logAnswers, logParams, logRequest } from './log-request.ts'

const { call, call2x } = planner<LogParams>()
const minute = 60_000

export const securityLogFetch = operation({
  name: 'security-log.fetch',
  title: 'Fetch a charger’s security log',
  description:
    'Asks the charger to upload its log of security events to our file plane. Worked when the file has arrived.',
  risk: 'routine',
  params: logParams,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'refuse', scope: () => 'security-log' },
  check: checkPeriod,
  effect: fileArrives('log'),
  versions: {
    '1.6': call('1.6', 'GetLog', {
      request: (params, charger, fresh) => logRequest('SecurityLog', params, charger, fresh),
      answers: logAnswers,
    }),
    ...call2x('GetLog', {
      request: (params, charger, fresh) => logRequest('SecurityLog', params, charger, fresh),
      answers: logAnswers,
    }),
  },
})
