import Type from 'typebox'

export const evseParam = {
  evse: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1000, description: 'EVSE number; 0 or absent: all' }),
  ),
}
