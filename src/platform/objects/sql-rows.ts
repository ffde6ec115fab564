/**
 * Decides: how several rows become one statement, within the hundred parameters that one may have.
 * Never: knows a table.
 */

/** `(?, ?), (?, ?)`. */
const tuples = (width: number, count: number): string => {
  const tuple = `(${Array.from({ length: width }, () => "?").join(", ")})`;
  return Array.from({ length: count }, () => tuple).join(", ");
};

const MOST_PARAMETERS = 100;

type Value = string | number;

/**
 * Executes `before`, tuples for some of the rows, `after`; again until all had their turn. One statement for several
 * rows costs a third of one for each.
 */
export const createRowsWriter = (
  sql: SqlStorage,
  before: string,
  width: number,
  after: string,
): ((rows: readonly (readonly Value[])[]) => void) => {
  const most = Math.floor(MOST_PARAMETERS / width);
  const texts = new Map<number, string>();
  const textFor = (count: number): string => {
    const text = texts.get(count) ?? `${before} ${tuples(width, count)} ${after}`;
    texts.set(count, text);
    return text;
  };
  return (rows) => {
    for (let from = 0; from < rows.length; from += most) {
      const some = rows.slice(from, from + most);
      sql.exec(textFor(some.length), ...some.flat());
    }
  };
};
