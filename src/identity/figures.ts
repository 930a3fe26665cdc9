/** The figures of signing in. They are part of the policy, which stands above this room and gives them. */
export interface IdentityFigures {
  readonly sessions: {
    /** Without a request, a session ends. */
    readonly idleMinutes: number
    /** However much it is used, a session ends. */
    readonly absoluteHours: number
    /** Use from two places within this time is told as concurrent. */
    readonly concurrentWithinMinutes: number
  }
  readonly passwords: {
    readonly leastLength: number
    /** Of zxcvbn: 0 to 4. */
    readonly leastScore: number
  }
  readonly factors: {
    /** How long ago a second factor may have been shown by whoever changes one, makes a key to the house, or does something to somebody else's account. */
    readonly changeWithinMinutes: number
    readonly recoveryCodes: number
  }
  readonly attempts: {
    /** Wrong passwords for an account from one network before it has to wait. */
    readonly free: number
    /** Wrong passwords from one network, whatever the account. */
    readonly freePerNetwork: number
    /** Wrong second factors of a person. */
    readonly freeSecondFactors: number
    /** The first wait; each further one is twice as long. */
    readonly firstWaitSeconds: number
    readonly longestWaitMinutes: number
    /** Without a failure for so long, all are forgotten. */
    readonly forgetMinutes: number
  }
  readonly knownDeviceDays: number
  readonly invitations: {
    readonly hours: number
    /** Roles a link may give, everywhere, to a new person; any other role is given by a change of the policy. */
    readonly roles: readonly string[]
  }
  readonly tokens: {
    readonly defaultDays: number
    readonly mostDays: number
  }
}
