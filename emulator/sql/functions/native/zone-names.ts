/** DuckDB and Node also take abbreviations such as PST and AST; these are the ones that the tz database has. */
const ABBREVIATIONS = "UTC GMT UCT EST MST HST CET MET EET WET PRC ROC ROK".split(" ");

/** True for the name of a zone of the tz database. */
export function isZoneName(name: string): boolean {
  if (/^[A-Z]{3}$/.test(name)) return ABBREVIATIONS.includes(name);
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return !/^[+-]/.test(name);
  } catch {
    return false;
  }
}

/** Gives back the names of zones and fails for others, which DuckDB does with an error that TRY does not catch. */
export function zoneChecker(): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (!known.has(name) && !isZoneName(name)) throw new Error(`Invalid time zone: ${name}`);
    known.add(name);
    return name;
  };
}
