import Type from 'typebox'
import { declare } from './declare.ts'

/** How it moves files. */
export const fileQuirks = {
  'file-protocols': declare({
    does: 'moves files over some protocols only, whatever it says it can',
    weDo: 'addresses given to it use the first of `protocols` that we offer',
    fields: {
      protocols: Type.Array(Type.Enum(['FTP', 'FTPS', 'SFTP', 'HTTP', 'HTTPS']), {
        minItems: 1,
        uniqueItems: true,
      }),
    },
  }),
}
