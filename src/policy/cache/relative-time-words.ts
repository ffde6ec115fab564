/**
 * Decides: which words point from the day on which they are said. Lower case, without accents and apostrophes.
 * Never: is complete. A word that has another meaning too may stand here: an answer is then kept for less time.
 */

const list = (words: string): readonly string[] => words.split(/\s+/).filter((word) => word !== "");

export const ADVERBS: ReadonlySet<string> = new Set(
  list(`
    now today todays tonight tonights tomorrow tomorrows yesterday yesterdays nowadays currently current
    recently recent lately latest newest upcoming ongoing presently soon ago yet actual
    heute heutzutage morgen gestern vorgestern ubermorgen uebermorgen jetzt gerade eben derzeit momentan
    zurzeit neulich kurzlich kuerzlich soeben bald bisher demnachst demnaechst neueste neuesten neuester
    aujourdhui demain hier maintenant recemment bientot actuellement desormais
    hoy manana ayer anoche ahora actualmente actuales recientemente pronto
    oggi domani ieri adesso ora stasera stamattina stamani stanotte attualmente recentemente presto
    hoje amanha ontem agora atualmente recentemente
    vandaag vanavond vannacht gisteren nu momenteel onlangs binnenkort
    idag ikvall imorgon imorgen igar nylig nyligen nyss aktuell
    dzis dzisiaj jutro wczoraj teraz obecnie ostatnio
    bugun yarin dun simdi
    сегодня завтра вчера сейчас теперь недавно скоро сьогодні вчора зараз
    اليوم غدا امس الان
    आज कल अभी
  `),
);

/** With which inflected ones begin. */
export const BEGINNINGS: readonly string[] = list(`
  heutig aktuell gegenwartig gegenwaertig jetzig gestrig morgig
  actuel attual atual huidig
  нынешн сегодняшн текущ
`);

/** Before or after a unit: this week, la semana pasada, nächsten Monat. */
export const POINTING: ReadonlySet<string> = new Set(
  list(`
    this these next last past coming previous following
    diese diesen dieser dieses diesem nachste nachsten nachster nachstes nachstem naechste naechsten naechster
    naechstes letzte letzten letzter letztes letztem kommende kommenden kommender kommendes vergangene vergangenen
    vergangener vergangenes vorige vorigen voriger voriges
    ce cet cette prochain prochaine prochains prochaines dernier derniere derniers dernieres passe passee
    este esta estos estas proximo proxima proximos proximas ultimo ultima ultimos ultimas pasado pasada pasados
    passado passada
    questo questa questi queste prossimo prossima prossimi prossime scorso scorsa scorsi scorse quest
    deze dit volgende volgend vorige vorig afgelopen komende komend
    denna nasta forra denne neste forrige
    tym przyszly przyszlym zeszly zeszlym
    bu gelecek gecen
    эта этот это этой этом следующий следующая следующей следующем прошлый прошлая прошлой прошлом
  `),
);

export const UNITS: ReadonlySet<string> = new Set(
  list(`
    second seconds minute minutes hour hours day days night nights morning afternoon evening week weeks weekend
    weekends month months quarter quarters season year years decade decades century
    monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
    spring summer autumn fall winter christmas easter
    stunde stunden tag tage tagen nacht abend vormittag nachmittag woche wochen wochenende wochenendes monat
    monate monaten quartal jahr jahre jahren jahres jahrzehnt montag dienstag mittwoch donnerstag freitag samstag
    sonnabend sonntag fruhling fruhjahr sommer herbst januar februar marz mai juni juli oktober dezember
    heure heures jour jours journee nuit matin soir soiree semaine semaines mois trimestre annee annees an ans ete
    hiver automne printemps lundi mardi mercredi jeudi vendredi samedi dimanche
    hora horas dia dias noche tarde semana semanas mes meses ano anos verano invierno lunes martes miercoles jueves
    viernes sabado domingo
    giorno giorni notte sera mattina settimana settimane mese mesi anno anni estate inverno lunedi martedi mercoledi
    giovedi venerdi domenica
    noite manha mes
    uur dagen dag avond ochtend weken maand maanden jaar kwartaal zomer
    dag dagar kvall vecka veckan manad manaden ar aret uke uken maned
    tydzien tygodniu miesiac miesiacu rok roku
    hafta ay yil
    неделя неделе неделю месяц месяце год году
  `),
);

const PHRASES = [
  "(?:this|next|last|past|coming) (?:couple of |few |several )\\p{L}+",
  "at (?:the moment|present)|so far|as of|up to date",
  "(?:what|which|whats|tell me) (?:is )?(?:the )?(?:time|date|day|year|month)(?=\\W*$| is it| in | for )",
  "wie spat|wie spaet|wie viel uhr|zur zeit|im moment|welche[rsn]? (?:tag|datum|monat|jahr) (?:ist|haben)",
  "en ce moment|quelle heure|que horas?|che ore?|de momento|no momento|in questo momento|op dit moment",
  "i dag|i morgen|i morgon|i kvall",
].join("|");

/** Of languages that put no space between words. */
const SIGNS =
  "今|現在|现在|目前|明日|明天|明晚|明年|昨日|昨天|昨晚|去年|来週|先週|来月|先月|来年|最新|最近|当前|當前|刚刚|剛剛|" +
  "本周|本週|本月|上周|下周|上个月|下个月|오늘|내일|어제|지금|현재|이번|최근|다음 ?주|지난 ?주";

export const IN_ANY_PLACE: RegExp = new RegExp(`\\b(?:${PHRASES})\\b|${SIGNS}`, "u");
