/** What the file system or the file itself keeps DuckDB from doing, in words for whoever must act. */
const CAUSES: readonly (readonly [RegExp, (folder: string) => string])[] = [
  [
    /No space left on device|ENOSPC|EDQUOT|Disk quota exceeded/,
    (folder) => `The disk of the warehouse in ${folder} is full: free some space and try again`,
  ],
  [
    /EACCES|EPERM|EROFS|ENOTDIR|EEXIST|Permission denied|Read-only file system|Not a directory/,
    (folder) =>
      `The warehouse in ${folder} cannot be written: give this user the right to, or choose another folder`,
  ],
  [
    /Trying to read a database file with version number|was created with (a )?newer/,
    (folder) =>
      `The warehouse in ${folder} was written by another version of the emulator, a newer one most likely: start that version`,
  ],
  [
    /Corrupt database file|not a valid DuckDB database|Could not read enough bytes/,
    (folder) =>
      `The warehouse in ${folder} is damaged: put a copy in its place, or move it away and load it again`,
  ],
];

/**
 * What someone must do about the disk or the file, as a sentence with DuckDB's reason behind it; undefined for any other
 * error.
 * @param folder the data folder, or another name for it
 */
export function damage(message: string, folder: string): string | undefined {
  const cause = CAUSES.find(([pattern]) => pattern.test(message));
  return cause && `${cause[1](folder)} (${message.split("\n")[0]})`;
}
