import Type from 'typebox'
import { declare } from './declare.ts'

/** How sessions begin and end on it, and who may begin them. */
export const sessionQuirks = {
  'no-connector-zero': declare({
    does: 'does not take connector 0 for the whole charger in a remote start',
    weDo: 'session.start without a place is sent for connector `use`',
    fields: { use: Type.Integer({ minimum: 1, maximum: 100 }) },
  }),
  'unlock-unsupported': declare({
    does: 'has no lock that it opens on UnlockConnector',
    weDo: 'connector.unlock ends as unsupported before anything is sent',
    fields: {},
  }),
  'stop-without-effect': declare({
    does: 'accepts a remote stop while the transaction goes on',
    weDo: 'session.stop succeeds only when the transaction is seen to end, else it ends unverified',
    fields: {},
  }),
  'stops-with-minus-one': declare({
    does: 'ends transactions with the transactionId -1',
    weDo: 'the end is given to the one running session it can belong to (`fleet/sessions/session.ts`)',
    fields: {},
  }),
  'stops-unknown-transactions': declare({
    does: 'reports the end of transactions that never began here',
    weDo: 'it is answered, so that it is not repeated for ever, and kept as a session whose start was never told',
    fields: {},
  }),
  'no-restart-until-replug': declare({
    does: 'starts no second session until the cable was unplugged',
    weDo: 'a start that brings no session ends unverified; the model page says to unplug first',
    fields: {},
  }),
  'start-expires-while-preparing': declare({
    does: 'goes from Preparing to Finishing when a remote start comes late after plugging in',
    weDo: 'a start that comes too late ends unverified; the model page says to plug in again',
    fields: {},
  }),
  'available-with-cable': declare({
    does: 'reports Available while a cable is plugged in',
    weDo: 'connector.unlock ends unverified there: Available does not prove that the cable has gone',
    fields: {},
  }),
  'token-max-length': declare({
    does: 'mangles tokens longer than `length` characters, so that a session cannot be ended with them',
    weDo: 'session.start refuses longer tokens before anything is sent',
    fields: { length: Type.Integer({ minimum: 1, maximum: 36 }) },
  }),
  'local-list-max': declare({
    does: 'takes at most `entries` tokens in one SendLocalList',
    weDo: 'the list is sent in parts of `entries`',
    fields: { entries: Type.Integer({ minimum: 1, maximum: 100_000 }) },
  }),
  'needs-central-authorisation': declare({
    does: 'ignores the transactionId it is given unless its authorisation is left to the central system',
    weDo: 'the end of a session is recognised under the number it made up; set the authorisation mode on site for remote stops',
    fields: {},
  }),
}
