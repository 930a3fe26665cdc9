/** Where somebody enrols. What stands behind # stays in the browser: no proxy's log has it. */
export function enrolmentLink(operatorUrl: string, secret: string): string {
  return `${operatorUrl}/enrol#${secret}`
}
