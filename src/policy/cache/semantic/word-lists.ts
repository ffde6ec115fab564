/**
 * Decides: which English words carry grammar, deny, turn a sentence round or say the same as another.
 * Never: is complete: a word that stands nowhere here counts as matter, and a difference in matter weighs.
 */

const list = (words: string): readonly string[] => words.split(/\s+/).filter((word) => word !== "");

export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  list(`
    a an the this that these those some any each every either neither both all such
    i me my mine myself we us our ours ourselves you your yours yourself he him his himself she her hers herself
    it its itself they them their theirs themselves one someone somebody anyone anybody everyone everybody
    is are was were am be been being do does did doing done have has had having
    will would shall should can could may might must ought
    what which who whom whose when where why how whether if
    of in on at by for with about against between into through during before after above below to from up down
    out off over under again further then once here there as than so too very just also still even ever
    and or but nor not no yes because while until though although without never none nobody nothing
    s t m d ll re ve don now only own same more most other another else
    get got getting please really actually exactly
  `),
);

/** Of the words of grammar: those whose coming and going changes what is asked. */
export const TURNING_WORDS: ReadonlySet<string> = new Set(
  list(`
    not no never none nobody nothing without neither nor or if than only
    before after above below over under up down off out from against between during until
    why where when who whose should did may might must get got same other another both
  `),
);

export const DENIALS: ReadonlySet<string> = new Set(
  list("not no never none nobody nothing without neither nor"),
);

/** Words of matter that questions can nearly always do without, as stems. */
export const LIGHT_STEMS: ReadonlySet<string> = new Set(
  list(`
    good best better great top nice effectiv efficient possibl way method tip advic suggestion option thing stuff
    peopl person man anyon world lif liv exist happen go com mak giv want need help find know think feel believ
    using used use tri becom different differ differenc main major true tru real current new day tim
    quora reason example sort kind typ lot much many consider seem say tell exampl like lik mean actual
    simpl easi fast quick start work country countri now today ever begin
  `),
);

/** Stems and words that say nearly the same: the first of each line stands for all. */
const KIN = `
  best good great better top greatest finest
  movi film
  buy purchas
  begin start
  remov delet eras
  univers world
  favorit favourit
  color colour
  differ difference differenc different differentiat distinguish
  way method mean
  improv increas enhanc boost
  reduc lower decreas
  job career
  earn mak
  fast quick rapid quickli
  big larg huge
  biggest largest
  smallest tiniest
  usa america american
  uk britain british england
  pc comput
  phon smartphon mobil cellphon
  app ap application applic
  photo pictur pic imag
  kid child children
  women woman
  men man
  exam test
  cost pric
  effect impact affect influenc
  opinion view thought think
  reason caus
  easi simpl easiest
  know tell
  person peopl human
  stop quit
  learn studi
  enjoy lik lov
  lif liv
  tip advic suggestion
  mail email gmail
`;

export const KIN_OF: ReadonlyMap<string, string> = new Map(
  KIN.split("\n").flatMap((line) => {
    const [first = "", ...others] = list(line);
    return others.map((other) => [other, first] as const);
  }),
);

const short = (form: string, words: string): readonly [string, readonly string[]] => [
  form,
  list(words),
];

/** What a short form stands for; those that begin with an apostrophe are endings. */
export const SHORT_FORMS: ReadonlyMap<string, readonly string[]> = new Map([
  short("can't", "can not"),
  short("cannot", "can not"),
  short("cant", "can not"),
  short("won't", "will not"),
  short("wont", "will not"),
  short("dont", "do not"),
  short("doesnt", "does not"),
  short("didnt", "did not"),
  short("isnt", "is not"),
  short("arent", "are not"),
  short("wasnt", "was not"),
  short("shouldnt", "should not"),
  short("im", "i am"),
  short("i'm", "i am"),
  short("whats", "what is"),
  short("what's", "what is"),
  short("who's", "who is"),
  short("how's", "how is"),
  short("where's", "where is"),
  short("when's", "when is"),
  short("why's", "why is"),
  short("it's", "it is"),
  short("that's", "that is"),
  short("there's", "there is"),
  short("he's", "he is"),
  short("she's", "she is"),
  short("let's", "let us"),
  short("'re", "are"),
  short("'ve", "have"),
  short("'ll", "will"),
  short("'d", "would"),
  short("'s", ""),
  short("two", "2"),
  short("three", "3"),
  short("four", "4"),
  short("five", "5"),
  short("six", "6"),
  short("seven", "7"),
  short("eight", "8"),
  short("nine", "9"),
  short("ten", "10"),
  short("eleven", "11"),
  short("twelve", "12"),
  short("dozen", "12"),
  short("twenty", "20"),
  short("thirty", "30"),
  short("forty", "40"),
  short("fifty", "50"),
  short("hundred", "100"),
  short("thousand", "1000"),
  short("million", "1000000"),
  short("billion", "1000000000"),
  short("u", "you"),
  short("ur", "your"),
  short("pls", "please"),
]);

/** Grades: which of several things is asked for. "The best way" is left to the weights: it asks for a way. */
export const GRADES: ReadonlySet<string> = new Set(
  list(`
    worst worse least fewer fewest cheaper cheapest smaller smallest bigger biggest larger largest higher highest
    lower lowest older oldest younger youngest longer longest shorter shortest fastest slowest slower
    richest poorest strongest weakest safest hardest easier harder
    first second third last next previous
  `),
);

/** Days, months and parts of time that have a name; May and March are words too, and left to the weights. */
export const DATES: ReadonlySet<string> = new Set(
  list(`
    monday tuesday wednesday thursday friday saturday sunday weekend weekday
    january february april june july august september october november december
    spring summer autumn winter today tomorrow yesterday tonight noon midnight
    hourly daily weekly monthly yearly annual annually
  `),
);

/** Units: beside a number they are part of it. */
export const UNITS: ReadonlySet<string> = new Set(
  list(`
    mm cm m km inch inches foot feet yard yards mile miles meter meters metre metres kilometer kilometers
    mg g kg gram grams kilo kilos kilogram kilograms oz ounce ounces lb lbs pound pounds ton tons tonne tonnes
    ml l liter liters litre litres cup cups gallon gallons pint pints
    c f celsius fahrenheit kelvin degree degrees
    ms second seconds minute minutes hour hours day days week weeks month months year years decade decades
    bit bits byte bytes kb mb gb tb kib mib gib hz khz mhz ghz watt watts kw kwh volt volts
    percent dollar dollars euro euros rupee rupees yen pounds cent cents usd eur gbp inr jpy
  `),
);

/** What stands after one of these is the other end of something. */
export const DIRECTIONS: ReadonlySet<string> = new Set(
  list("to from over than into before after versus"),
);

/** Of what stands on both sides of one of these, either may come first. */
export const SYMMETRIES: ReadonlySet<string> = new Set(
  list("between and or vs difference differences compare compared"),
);
