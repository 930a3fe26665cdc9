import Type from 'typebox'
import type { Static } from 'typebox'
import { tokenTypes } from '../../id-token.ts'
import {
  absent,
  accepted,
  notYet,
  operation,
  planner,
  refuse,
  refusedBecause,
} from '../../operation.ts'
import { missingWords, reportOf, reportResult } from '../../report-effect.ts'
import { hashParams } from '../security/certificate-use.ts'

const params = Type.Object(
  {
    token: Type.Optional(
      Type.String({ minLength: 1, maxLength: 36, description: 'Whose: by idToken' }),
    ),
    tokenType: Type.Optional(Type.Enum([...tokenTypes], { description: 'Central when absent' })),
    customer: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Whose: by customerIdentifier' }),
    ),
    certificate: Type.Optional({ ...hashParams, description: 'Whose: by contract certificate' }),
    report: Type.Optional(Type.Boolean({ description: 'Have it reported; true unless clear is' })),
    clear: Type.Optional(
      Type.Boolean({ description: 'Have it deleted from the charger; cannot be undone' }),
    ),
  },
  { additionalProperties: false },
)
type Params = Static<typeof params>

const { call2x } = planner<Params>()
const minute = 60_000

export const informationCustomer = operation({
  name: 'information.customer',
  title: 'Report or delete what a charger knows of a customer',
  description:
    'Asks an OCPP 2.x charger to tell, or delete, what it has stored about one customer. Worked when its report has come whole. What was deleted is gone.',
  risk: 'disruptive',
  params,
  repeatable: true,
  whilePending: false,
  expiresAfterMs: 60 * minute,
  conflict: { when: 'never' },
  effect: {
    seenIn: 'behaviour',
    looksLike: 'every part of the report comes',
    withinMs: 5 * minute,
    seen(facts, since, asked, { fresh, answered, lastLook }) {
      const report = reportOf(facts, 'customer-information', fresh.number, since)
      if (report?.complete === true) return { seen: 'yes', result: reportResult(report) }
      // After deleting alone, no report is owed.
      if (lastLook !== true || !answered || !wantsReport(asked)) return notYet
      const because = report === undefined ? 'no part of the report came' : missingWords(report)
      return { seen: 'no', because }
    },
  },
  check(asked) {
    const { token, customer, certificate } = asked
    const named = [token, customer, certificate].filter((one) => one !== undefined)
    if (named.length !== 1)
      return refuse('name one customer, by token, customer or certificate', 'customer')
    return !wantsReport(asked) && asked.clear !== true
      ? refuse('ask for a report, for deletion, or both', 'report')
      : undefined
  },
  versions: {
    '1.6': absent('OCPP 1.6 has no message about what a charger stores of a customer'),
    ...call2x('CustomerInformation', {
      request(asked, _charger, { number: requestId }) {
        const { token, tokenType = 'Central', customer, certificate, clear = false } = asked
        return {
          requestId,
          report: wantsReport(asked),
          clear,
          ...(token === undefined ? {} : { idToken: { idToken: token, type: tokenType } }),
          ...(customer === undefined ? {} : { customerIdentifier: customer }),
          ...(certificate === undefined ? {} : { customerCertificate: certificate }),
        }
      },
      answers: {
        Accepted: accepted,
        Rejected: refusedBecause('the charger rejected the request'),
        Invalid: refusedBecause('the charger cannot look for a customer this way'),
      },
    }),
  },
})

function wantsReport({ report, clear }: Params): boolean {
  return report ?? clear !== true
}
