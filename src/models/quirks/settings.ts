import Type from 'typebox'
import { declare } from './declare.ts'

const keys = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
  minItems: 1,
  maxItems: 50,
})

/** How it takes to having its settings read and written. Planning copes: the limits in `limits.ts`. */
export const settingsQuirks = {
  'reads-few-keys': declare({
    does: 'fails when one GetConfiguration or GetVariables names more than `max` keys',
    weDo: 'a read is split, or refused where it cannot be, at `max` keys',
    fields: { max: Type.Integer({ minimum: 1, maximum: 1000 }) },
  }),
  'no-full-settings-list': declare({
    does: 'never answers a GetConfiguration without keys',
    weDo: 'it is asked for keys by name only; a read of everything is refused with that reason',
    fields: {},
  }),
  'crashes-on-reading': declare({
    does: 'crashes, or restarts again and again, when one of `keys` is read',
    weDo: 'these keys are never read, not even to verify a write, which then stays unverified',
    fields: { keys },
  }),
  'cuts-off-unknown-keys': declare({
    does: 'sends broken JSON when it is asked for a key it does not know',
    weDo: 'the id of the answer is salvaged, so that the read fails at once and nothing waits',
    fields: {},
  }),
  'setting-unsupported': declare({
    does: 'answers NotSupported for `keys` that others have',
    weDo: 'a write of such a key ends as unsupported, and nothing else stops because of it',
    fields: { keys },
  }),
  'refuses-until-rebooted-after-settings': declare({
    does: 'refuses everything after a setting was answered with RebootRequired, until it restarts',
    weDo: 'a write tells that a reset is needed; what is refused until then ends as refused, and the reset goes through',
    fields: {},
  }),
  'limit-setting-in-milliampere': declare({
    does: 'keeps a lasting current limit in the setting `key`, in milliampere',
    weDo: 'the meaning current-limit is written there, converted from ampere (`operations/meanings.ts`)',
    fields: { key: Type.String({ minLength: 1, maxLength: 200 }) },
  }),
}
