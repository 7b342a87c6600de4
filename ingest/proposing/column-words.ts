import { withoutInvisible } from '../../model/invisible-signs.ts'

/** The spellings of each idea that a column name may hold. */
const SPELLINGS = {
  id: 'id ids ident identifier identification',
  number: 'number numbers num nums nbr nbrs nmbr numb nr #',
  name: 'name names nm nme',
  first: 'first frst fst given',
  last: 'last lst',
  middle: 'middle mid midl mi',
  mobile: 'mobile mobil mob mobiles cell cells cellular cel mbl mobl wireless',
  text: 'text texts texting textable sms txt txts txting mms',
  phone: 'phone phones phon phn fon ph tel tele telephone telephones',
  message: 'message messages messaging msg msgs',
  // Whose value it is.
  emplid: 'emplid empl',
  student: 'student students stu stud stdnt stdt stdn std pupil learner matric matriculation',
  person: 'person persons people pers prsn individual constituent',
  contact: 'contact contacts cntct',
  prospect: 'prospect prospective prospects applicant applicants applcnt candidate inquiry lead',
  university: 'university univ uni universal',
  school: 'school sch schl college coll clg campus institution inst instn external ext district',
  system: 'banner colleague peoplesoft jenzabar workday slate sis ellucian anthology populi',
  crm: 'salesforce sf crm',
  ref: 'ref reference',
  login: 'login logon netid username uname user users',
  internal: 'pidm guid uuid rowid surrogate internal record rec key',
  staff:
    'staff advisor advisors adviser advsr advr advisr adv counselor counsellor counslr cnslr coach recruiter rcrtr rep representative owner officer mentor navigator assigned assignee instructor instr faculty professor teacher tutor coordinator specialist liaison manager mgr supervisor sgradvr',
  office: 'academic acad success enrollment enrolment enroll transfer career admissions admission',
  other:
    'parent parents prnt par mother mothers mom moms mum mthr father fathers dad dads fthr guardian guardians guard grdn gdn pg pa emergency emergencies emer emerg emrg emgcy emrgcy emergcy ec ice kin next nok spouse spouses partner wife husband sibling brother sister relative relation relationship roommate roomate friend referrer referral recommender employer emplr sponsor agent agency doctor physician dependent child children caregiver grandparent household alumni alumnus donor host guarantor payer payor proxy attorney buddy spremrg sorfolk',
  family: 'family fam',
  // Which of several.
  main: 'primary prim main current curr cur best',
  preferred: 'preferred pref prefd prf chosen nickname nick',
  legal: 'legal lgl official',
  personal: 'personal own my your',
  secondary:
    'secondary second sec alternate alternative alt additional backup old former previous prev prior legacy maiden birth original orig other',
  /** Phones that are not carried about. */
  elsewhere:
    'home hm hme pr ma bu work wrk business bus office ofc local loc permanent perm prm fax dorm residence resident hall landline land day daytime evening night billing mailing international intl foreign parking',
  // The preference to be texted.
  opt: 'opt opted opting',
  in: 'in',
  out: 'out',
  agree:
    'consent consents consented consenting permission permissions permit permits permitted agree agreed agrees agreement allow allows allowed accept accepts accepted authorize authorized authorization authorise authorised subscribe subscribed subscribes subscription ok okay may can receive receives wants want willing',
  refuse:
    'stop stopped unsubscribe unsubscribed unsubscribes unsub suppress suppressed suppression block blocked decline declined declines refuse refused refuses revoke revoked withdraw withdrawn withdrew exclude excluded remove removed deny denied never without cancel cancelled canceled prohibit prohibited',
  not: 'not dont non',
  preference:
    'preference preferences prefs status stat flag flg ind indicator setting choice yn enabled enable disabled disable active inactive eligible',
  filler: 'do to the of for a an we us you by via and is are be has have send sends get please at on s',
  /** Tables in front of a column. */
  table: 'spriden sprtele spbpers sgbstdn saradap spvpers ps stc stdntcar biograph master xpers',
  /** What a value is about that is none of the fields, or what is about the value. */
  aside:
    'email emails mail mails postal post address addr adr street city state province zip country county nation date dt datetime dttm time timestamp ts year yr term terms semester sem quarter qtr month week age dob gender sex ethnicity race citizenship religion major majors majr minor program programs prog prgm degree dept department division course courses section crn class level lvl gpa credits credit hours grade type typ code codes cd desc description descr title salutation source src reason comment comments note notes remark carrier provider verified verify valid validated extn extension area prefix suffix count cnt total sent delivered ssn sin social security tax passport visa sevis license licence driver drivers card library room building bldg housing application applications app appl admit aid fafsa isir finaid financial account acct vendor invoice org organization company job position high hs ceeb session batch row seq sequence line version hash password pin url link facebook twitter instagram linkedin generation gen attended attend attendance enrolled activity updated update modified changed created entered added balance hold holds voice call calls calling called ferpa directory confidential confidentiality privacy photo image media release marketing promotional newsletter push fundraising event events survey interest interests initial initials full display sort soundex pronoun pronouns medicaid insurance vehicle plate locker barcode isbn test score act sat language veteran military rank',
} as const

export type Concept = keyof typeof SPELLINGS | 'letter' | 'unknown'

/** Words that stand for several. */
const SHORT: Record<string, readonly Concept[]> = {
  fname: ['first', 'name'],
  forename: ['first', 'name'],
  lname: ['last', 'name'],
  surname: ['last', 'name'],
  mname: ['middle', 'name'],
  sid: ['student', 'id'],
  cwid: ['university', 'id'],
  uid: ['university', 'id'],
  uin: ['university', 'id'],
  dnt: ['not', 'text'],
  dnc: ['not', 'aside'],
}

const CONCEPTS: ReadonlyMap<string, readonly Concept[]> = new Map([
  ...Object.entries(SPELLINGS).flatMap(([concept, words]) =>
    words.split(' ').map((word): [string, readonly Concept[]] => [word, [concept as Concept]]),
  ),
  ...Object.entries(SHORT),
])

/** Shorter words are found within another only if they are among these. */
const SHORT_PARTS = new Set(['id', 'no', 'nm', 'ph', 'do', 'ok', 'in', 'to', 'nr'])
/** Found at the end of a word whose beginning says nothing. */
const ENDINGS = ['phone', 'cell', 'mobile', 'firstname', 'lastname', 'name'] as const
const LONGEST_NAME = 255

/** The ideas of a column name in their order, whatever divides its words: blanks, signs, capitals, digits or nothing. */
export function conceptsOf(columnName: string): Concept[] {
  const words = wordsOf(columnName)
  return words.flatMap((word, index): readonly Concept[] => {
    if (word === 'no') return [isNegation(words[index + 1]) ? 'not' : 'number']
    if ((word === 'f' || word === 'l') && /^na?me?$/.test(words[index + 1] ?? ''))
      return [word === 'f' ? 'first' : 'last']
    if (word === 'perm' && words.some((one) => CONCEPTS.get(one)?.[0] === 'text')) return ['agree']
    if (/^\d+$/.test(word)) return [Number(word) === 1 ? 'filler' : 'secondary']
    return CONCEPTS.get(word) ?? (word.length === 1 ? ['letter'] : glued(word))
  })
}

/** The words of a name in lower case. */
export function wordsOf(columnName: string): string[] {
  return withoutInvisible(columnName.slice(0, LONGEST_NAME).normalize('NFKC'))
    .replace(/[’']/g, "'")
    .replace(/n't\b/gi, 'nt')
    .replace(/'s\b/gi, '')
    .replace(/e-mail/gi, 'email')
    .replace(/(\p{Ll})(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})|(\p{L})(?=\d)|(\d)(?=\p{L})|(?=#)/gu, '$& ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}#]+/u)
    .filter((word) => word !== '')
}

/** "No texts", but "Student no". */
function isNegation(next: string | undefined): boolean {
  const [concept] = (next !== undefined && CONCEPTS.get(next)) || []
  return concept !== undefined && ['text', 'mobile', 'message', 'opt', 'agree', 'contact', 'aside'].includes(concept)
}

/** The ideas of words written as one: STUDENTID, HOMEPHONE. */
function glued(word: string): readonly Concept[] {
  const parts = partsOf(word, 5)
  if (parts) return parts.flatMap((part) => (part === 'no' ? notOrNumber(parts, part) : (CONCEPTS.get(part) ?? [])))
  const ending = ENDINGS.find((one) => word.endsWith(one))
  return ['unknown', ...(ending ? (partsOf(ending, 2) ?? []).flatMap((part) => CONCEPTS.get(part) ?? []) : [])]
}

function notOrNumber(parts: readonly string[], part: string): Concept[] {
  return [isNegation(parts[parts.indexOf(part) + 1]) ? 'not' : 'number']
}

/** `word` as the fewest known words; of as few, those with the longest last one. */
function partsOf(word: string, most: number): string[] | null {
  if (most === 0) return null
  if (isPart(word)) return [word]
  let best: string[] | null = null
  for (let at = 2; at <= word.length - 2; at++) {
    if (!isPart(word.slice(at))) continue
    const before = partsOf(word.slice(0, at), most - 1)
    if (before && (best === null || before.length + 1 < best.length)) best = [...before, word.slice(at)]
  }
  return best
}

function isPart(word: string): boolean {
  return SHORT_PARTS.has(word) || (word.length > 2 && CONCEPTS.has(word))
}
