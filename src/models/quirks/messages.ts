import Type from 'typebox'
import { versions } from '../../ocpp/versions.ts'
import { declare } from './declare.ts'

const action = Type.String({ pattern: '^[A-Z][A-Za-z]{2,40}$' })
/** A property's place in the payload: names joined with dots, e.g. `meterValue.sampledValue`. */
const field = Type.String({ minLength: 1, maxLength: 200 })

function listOf<Item extends Type.TSchema>(item: Item) {
  return Type.Array(item, { minItems: 1, maxItems: 20 })
}

const fields = listOf(Type.Object({ action, field }, { additionalProperties: false }))
const words = listOf(
  Type.Object(
    { action, field, value: Type.String(), means: Type.String({ minLength: 1 }) },
    { additionalProperties: false },
  ),
)

/** What is wrong with its messages. The wire copes for every charger alike, and records each as a violation. */
export const messageQuirks = {
  'invalid-answer': declare({
    does: 'answers with words that the schema does not know',
    weDo: 'the gateway takes each for what it means before the answer is checked, and records it',
    fields: { answers: words },
  }),
  'invalid-value': declare({
    does: 'sends words that the schema does not know',
    weDo: 'each is taken for what it means and recorded (`ocpp/leniency.ts`)',
    fields: { values: words },
  }),
  'oversized-field': declare({
    does: 'sends texts longer than the schema allows',
    weDo: 'the message is kept, the text cut where that harms nothing, and recorded (`ocpp/mend-scalar.ts`)',
    fields: { fields },
  }),
  'empty-field': declare({
    does: 'leaves empty what the schema requires',
    weDo: 'the rest of the message is kept and the gap recorded (`ocpp/mend.ts`)',
    fields: { fields },
  }),
  'integer-beyond-range': declare({
    does: 'sends integers beyond those of OCPP',
    weDo: 'they are kept digit by digit and answered as they came (`ocpp/json-text.ts`)',
    fields: { fields },
  }),
  'padded-numbers': declare({
    does: 'pads numbers with spaces and sends them as text',
    weDo: 'they are read as the numbers they are (`ocpp/mend-scalar.ts`)',
    fields: { fields },
  }),
  'wrong-types': declare({
    does: 'sends numbers or truth values where the schema asks for text',
    weDo: 'they are taken as the text they stand for (`ocpp/mend-scalar.ts`)',
    fields: { fields },
  }),
  'loose-timestamps': declare({
    does: 'writes times that are no RFC 3339 times',
    weDo: 'they are read where only one moment can be meant (`ocpp/time.ts`)',
    fields: { like: Type.String({ minLength: 1, maxLength: 40 }) },
  }),
  'answers-under-another-id': declare({
    does: 'answers a CALL under an id that is not the CALL’s',
    weDo: 'such an answer answers nothing and is recorded; the CALL stays open until its time is over',
    fields: {},
  }),
  'reuses-message-ids': declare({
    does: 'gives its messages ids that it has used before, on the same connection or the next',
    weDo: 'a message is known again by its content on one connection, never by its id alone (`gateway/answer-memory.ts`)',
    fields: {},
  }),
  'broken-json': declare({
    does: 'sends JSON that is none',
    weDo: 'what can be read without guessing is read, the rest answered or ended by its id (`ocpp/salvage.ts`)',
    fields: {
      how: Type.Enum(['cut-off', 'stray-comma', 'missing-value', 'control-character']),
      actions: listOf(action),
    },
  }),
  'shapes-of-another-version': declare({
    does: 'sends payloads in the shape of another OCPP version than it speaks',
    weDo: 'they are translated into the version of the connection (`ocpp/translation.ts`)',
    fields: { of: Type.Enum(versions) },
  }),
  'floods-history': declare({
    does: 'sends all meter values of its past when it first connects',
    weDo: 'each is answered in its turn and kept with the time it is of; they are no sign of a session now',
    fields: {},
  }),
  'floods-status': declare({
    does: 'repeats status messages many times over',
    weDo: 'each is answered and the latest kept; nothing is triggered twice by the same word',
    fields: { actions: listOf(action) },
  }),
}
