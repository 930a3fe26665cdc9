import { Type } from 'typebox'
import { fileKinds } from '../../files/files.ts'
import { moment, nullable, oneOf, strict } from './common.ts'

const protocols = ['HTTP', 'HTTPS', 'FTP', 'FTPS', 'SFTP'] as const

export const FileSchema = Type.Object(
  {
    id: Type.String(),
    kind: oneOf(fileKinds, {
      description:
        'upload: a charger’s log or diagnostics. firmware: the content of a firmware image',
    }),
    charger: nullable(Type.String({ description: 'Whose it is' })),
    dispatch: nullable(
      Type.String({ description: 'The charger’s part of the command it came for' }),
    ),
    name: Type.String({ description: 'As told, cleaned for display' }),
    size: Type.Integer({ description: 'Bytes' }),
    sha256: Type.String({ description: 'Hex' }),
    contentType: nullable(Type.String({ description: 'As told' })),
    protocol: nullable(
      Type.String({ enum: [...protocols], description: 'How it came; null: by the API' }),
    ),
    remoteAddress: nullable(Type.String({ description: 'From where it came' })),
    receivedAt: moment(),
    expiresAt: nullable(moment('When its content is deleted; null: it is kept')),
    deletedAt: nullable(moment('Its content is gone since; what is told of it stays')),
    deletedBecause: nullable(Type.String()),
  },
  { $id: 'File', description: 'A file a charger uploaded, or the content of a firmware image' },
)

export const FileParams = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) })
