/**
 * Decides: whether two words turn what is asked round: good and bad, lock and unlock, he and she.
 * Never: is complete; what it misses is a difference in matter all the same.
 */

/** Stems. */
const PAIRS = `
  good bad, best worst, better worse, more less, most least, more fewer, increas decreas, gain los, win los,
  buy sell, cheap expensiv, old new, young old, big small, larg small, long short, tall short, high low,
  hot cold, warm cool, fast slow, easi hard, easi difficult, simpl complex, simpl complicat, rich poor,
  strong weak, open clos, start stop, start end, begin end, start finish, accept reject, allow ban, allow forbid,
  legal illegal, man woman, men women, boi girl, mal femal, girl gui, husband wif, father mother,
  boyfriend girlfriend, brother sister, son daughter, he she, him her, his her, lov hat, lik hat, lik dislik,
  import export, internal external, up down, in out, on off, before after, above below, left right,
  first last, earli late, earliest latest, black whit, positiv negativ, advantag disadvantag, benefit risk,
  pro con, true fals, right wrong, pass fail, success failur, happi sad, fat thin, thick thin, deep shallow,
  dead aliv, dai night, summer winter, north south, east west, northern southern, eastern western, front back,
  push pull, add remov, add delet, creat delet, creat destroi, enabl disabl, lock unlock, install uninstall,
  send receiv, borrow lend, teach learn, giv tak, giv receiv, read writ, rais lower, reduc increas,
  maximum minimum, max min, maximiz minimiz, majoriti minoriti, public privat, guilti innocent, singl marri,
  sit stand, wak sleep, full empti, wet dry, clean dirti, safe dangerous, near far, insid outsid,
  arriv depart, encrypt decrypt, encod decod, upload download, input output, major minor, upper lower,
  ascend descend, inclus exclus, synchronous asynchronous, host guest, employer employe, buyer seller,
  debit credit, asset liabiliti, profit loss, deposit withdraw, gain weight, morn even, am pm
`;

const KNOWN: ReadonlySet<string> = new Set(
  PAIRS.split(",").flatMap((pair) => {
    const [one = "", other = ""] = pair.trim().split(/\s+/);
    return [`${one} ${other}`, `${other} ${one}`];
  }),
);

const PREFIXES = ["un", "in", "im", "il", "ir", "dis", "non", "mis", "de", "anti"] as const;
const SHORTEST = 3;

/** `one` and `other` are stems. */
export const areOpposites = (one: string, other: string): boolean => {
  if (KNOWN.has(`${one} ${other}`)) return true;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= SHORTEST && PREFIXES.some((prefix) => long === prefix + short);
};
