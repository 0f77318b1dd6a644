/** Where trials are kept unless --db says otherwise: in the folder that the command runs in. */
export const DEFAULT_DB = 'oriented1d.db';
