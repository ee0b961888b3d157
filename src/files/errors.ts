/**
 * @file Words errors of the file system: which file, why, and what to do.
 */

/** A file or folder that cannot be read or written; `cause` is the system's error. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** Common reasons with their remedies. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on its disk; free some, or name a folder on another disk',
  EDQUOT: 'the disk quota is used up; free some space, or name a folder on another disk',
  EROFS: 'its disk is read-only; name another folder',
  EACCES: 'permission is denied; name another folder, or change its permissions',
  EPERM: 'the system does not permit it; name another folder',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  EIO: 'its disk reports an input/output error',
};

/** The system's code of an error, such as ENOSPC; undefined for errors of another kind. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Node's own codes (ERR_…) mean wrong calls, not problems of files.
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/**
 * Runs `body` and words its file-system errors as `cannot <action> <path>: <reason>`.
 *
 * @param action an infinitive: `write`, `read`, `create the folder`
 * @throws FileError
 */
export function onFile<T>(action: string, path: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (systemCode(cause) === undefined || cause instanceof FileError) throw cause;
    throw new FileError(`cannot ${action} ${path}: ${explainSystemError(cause)}`, { cause });
  }
}

/** Words the reason of a system error, with its code: `no space is left on its disk; … (ENOSPC)`. */
export function explainSystemError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = systemCode(error);
  return code === undefined ? message : `${REASONS[code] ?? message} (${code})`;
}
