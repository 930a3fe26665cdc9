/** OCPP 2.x FileTransferProtocols words; 1.6 chargers list the same in SupportedFileTransferProtocols. */
export type FileProtocol = 'HTTP' | 'HTTPS' | 'FTP' | 'FTPS' | 'SFTP'

/**
 * Addresses under which one dispatch's charger reaches our file plane. Pure: the same input gives the
 * same URL. What is in a URL opens the file plane once, so it is masked wherever a CALL is kept.
 */
export interface FileLinks {
  /** Where to upload to; undefined where none of `protocols` is served here. Without `protocols`, ours. */
  upload(grant: {
    readonly dispatch: string
    /** ms since the epoch. */
    readonly until: number
    readonly protocols?: readonly FileProtocol[]
  }): string | undefined
  download(grant: {
    readonly dispatch: string
    readonly file: string
    readonly name: string
    readonly until: number
    readonly protocols?: readonly FileProtocol[]
  }): string | undefined
}

/** Where no file plane is open. */
export const noFileLinks: FileLinks = { upload: () => undefined, download: () => undefined }
