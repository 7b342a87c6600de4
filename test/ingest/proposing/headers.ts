/**
 * Headers of exports as student information systems write them, one a line: the columns, each with the field it holds after
 * a `=` and then what its values look like. `out/in` behind `pref:` are the words of an opt-out column.
 */
export const HEADERS: Record<string, string> = {
  'Banner, person tables':
    'SPRIDEN_PIDM serial | SPRIDEN_ID =contactId bid | SPRIDEN_LAST_NAME =lastName last | SPRIDEN_FIRST_NAME =firstName first | SPRIDEN_MI letter | SPRTELE_PHONE_NUMBER =mobileNumber cell | GOREMAL_EMAIL_ADDRESS email | SGBSTDN_STST_CODE code',
  'Banner, phone by type':
    'SPRIDEN_ID =contactId bid | SPRIDEN_FIRST_NAME =firstName first | SPRIDEN_LAST_NAME =lastName last | SPRTELE_TELE_CODE code | CELL_PHONE =mobileNumber cell | PERM_PHONE cell2 | EMER_PHONE cell2 | SPRTELE_UNLIST_IND pref:Y/N',
  'Banner, area code apart':
    'ID =contactId bid | LNAME =lastName last | FNAME =firstName first | PHONE_AREA area | PHONE_NUMBER seven | CELL_PHONE_NUMBER =mobileNumber cell | MAJR_CODE code | TERM_CODE term',
  'Banner, advisor and emergency contact':
    'BANNER_ID =contactId bid | FIRST_NAME =firstName first | LAST_NAME =lastName last | MOBILE_PHONE =mobileNumber cell | ADVISOR_ID =staffId aid | ADVISOR_FIRST_NAME first2 | ADVISOR_LAST_NAME last2 | EMERGENCY_CONTACT_NAME name | EMERGENCY_CELL cell2',
  'Banner, opt-out indicator':
    'STUDENT_ID =contactId bid | PREF_FIRST_NAME =firstName preferred | LAST_NAME =lastName last | CELL =mobileNumber cell | SMS_OPT_OUT_IND =optOut pref:Y/N | EMAIL_OPT_OUT_IND pref:Y/N | FERPA_IND pref:Y/N',
  'Banner, legal and preferred':
    'SPRIDEN_ID =contactId bid | SPRIDEN_FIRST_NAME =firstName first | SPBPERS_PREF_FIRST_NAME sparse | SPRIDEN_LAST_NAME =lastName last | SPBPERS_LEGAL_NAME name | CP_PHONE cell3 | MOBILE_NBR =mobileNumber cell | SPBPERS_CONFID_IND pref:Y/N',
  'Banner, glued names':
    'STUID =contactId bid | FIRSTNAME =firstName first | LASTNAME =lastName last | MIDDLENAME letter | CELLPHONE =mobileNumber cell | HOMEPHONE cell2 | DONOTTEXT =optOut pref:Y/N | ADVISORID =staffId aid',
  'Banner, SORFOLK':
    'STU_ID =contactId bid | STU_FIRST =firstName first | STU_LAST =lastName last | STU_CELL =mobileNumber cell | SORFOLK_PARENT_FIRST first2 | SORFOLK_PARENT_LAST last2 | PARENT_CELL cell2 | PARENT_ID bid2',
  'Banner, previous names':
    'BannerID =contactId bid | FirstName =firstName first | LastName =lastName last | PreviousLastName sparse | MaidenName sparse | MobilePhone =mobileNumber cell | WorkPhone cell2 | AltPhone cell3',
  'Banner, texting consent':
    'Student ID =contactId bid | First Name =firstName first | Last Name =lastName last | Cell Phone =mobileNumber cell | Text Consent =optOut pref:N/Y | Text Consent Date date | Photo Release pref:N/Y',
  'Banner, no mobile':
    'SPRIDEN_ID =contactId bid | FIRST_NAME =firstName first | LAST_NAME =lastName last | HOME_PHONE cell | PARENT_MOBILE cell2 | EMERGENCY_CONTACT_PHONE cell3 | EMAIL email',
  'Banner, counselor':
    'Banner Id =contactId bid | Last =lastName last | First =firstName first | MI letter | Cell # =mobileNumber cell | Admissions Counselor ID =staffId aid | Admissions Counselor name | High School Code code | Entry Term term',
  'PeopleSoft, query':
    'EMPLID =contactId emplid | NAME name | FIRST_NAME =firstName first | LAST_NAME =lastName last | PHONE_TYPE code | PHONE =mobileNumber cell | PREF_PHONE_FLAG pref:Y/N | ACAD_PROG code | STRM term',
  'PeopleSoft, phones by type':
    'EMPLID =contactId emplid | LAST_NAME =lastName last | FIRST_NAME =firstName first | CELL_PHONE =mobileNumber cell | HOME_PHONE cell2 | BUSN_PHONE cell3 | EMERG_PHONE cell2 | EMAIL_ADDR email',
  'PeopleSoft, preferred names':
    'EMPLID =contactId emplid | PREF_FIRST =firstName preferred | PREF_LAST =lastName last | MOBILE_PHONE_NBR =mobileNumber cell | ADVISOR_EMPLID =staffId aid | ACAD_CAREER code | ACAD_LEVEL_BOT code',
  'PeopleSoft, service indicators':
    'Empl ID =contactId emplid | First Name =firstName first | Last Name =lastName last | Mobile Phone =mobileNumber cell | SMS Opt-Out =optOut pref:Y/N | FERPA Flag pref:Y/N | Srvc Ind Cd code | Hold Flag pref:Y/N',
  'PeopleSoft, campus ID':
    'EMPLID =contactId emplid | CAMPUS_ID cid | NATIONAL_ID ssn | FIRST_NAME =firstName first | MIDDLE_NAME first2 | LAST_NAME =lastName last | PHONE_CELL =mobileNumber cell | PHONE_MAIN cell2',
  'PeopleSoft, employees beside students':
    'STUDENT_ID =contactId emplid | EMPLID sparseid | NAME_FIRST =firstName first | NAME_LAST =lastName last | CELL_NBR =mobileNumber cell | WORK_NBR cell2 | ADVISOR_ID =staffId aid',
  'PeopleSoft, text flag':
    'Emplid =contactId emplid | Last Name =lastName last | First Name =firstName first | Preferred Phone cell2 | Cell Phone =mobileNumber cell | Do Not Text =optOut pref:Y/N | Do Not Call pref:Y/N | Do Not Mail pref:Y/N',
  'PeopleSoft, relationships':
    'EMPLID =contactId emplid | FIRST_NAME_SRCH =firstName first | LAST_NAME_SRCH =lastName last | PHONE_CELL =mobileNumber cell | RELATIONSHIP_CELL cell2 | GUARDIAN_NAME name | GUARDIAN_CELL cell3',
  'PeopleSoft, user':
    'OPRID login | EMPLID =contactId emplid | FIRST_NAME =firstName first | LAST_NAME =lastName last | MOBILE =mobileNumber cell | LAST_UPDATED date | FIRST_TERM term | LAST_TERM term',
  'PeopleSoft, subscription':
    'EMPLID =contactId emplid | FNAME =firstName first | LNAME =lastName last | MOBILE_NUM =mobileNumber cell | SMS_STATUS =optOut pref:Unsubscribed/Subscribed | EMAIL_STATUS pref:Unsubscribed/Subscribed',
  'PeopleSoft, admissions':
    'EMPLID =contactId emplid | ADM_APPL_NBR serial | FIRST_NAME =firstName first | LAST_NAME =lastName last | CELL_PHONE =mobileNumber cell | RECRUITER_ID =staffId aid | RECRUITER_NAME name | REGION code',
  'PeopleSoft, fathers':
    'Emplid =contactId emplid | First Name =firstName first | Last Name =lastName last | Father Cell cell2 | Mother Cell cell3 | Mobile =mobileNumber cell | Father First Name first2 | Mother Last Name last2',
  'Colleague, dotted':
    'PERSON.ID =contactId seven0 | FIRST.NAME =firstName first | MIDDLE.NAME letter | LAST.NAME =lastName last | CELL.PHONE =mobileNumber cell | HOME.PHONE cell2 | ADVISOR.ID =staffId aid | ADVISOR.NAME name',
  'Colleague, STUDENTS':
    'STUDENTS.ID =contactId seven0 | STU.FIRST.NAME =firstName first | STU.LAST.NAME =lastName last | STU.CELL.PHONE =mobileNumber cell | STU.TYPES code | STU.ACAD.LEVELS code | STC.TERM term',
  'Colleague, personal phone':
    'COLLEAGUE_ID =contactId seven0 | LAST_NAME =lastName last | FIRST_NAME =firstName first | PERSONAL_PHONE_NUMBER =mobileNumber cell | PERSONAL_PHONE_TYPE code | BUSINESS_PHONE cell2 | EMERGENCY_CONTACT_PHONE cell3',
  'Colleague, emergency contacts':
    'Id =contactId seven0 | Preferred Name =firstName preferred | Last Name =lastName last | Cell Phone =mobileNumber cell | Emer Contact name | Emer Cell cell2 | Emer Day Phone cell3 | Missing Contact name',
  'Colleague, privacy':
    'PERSON_ID =contactId seven0 | FIRST =firstName first | LAST =lastName last | CELL =mobileNumber cell | PRIVACY_FLAG pref:Y/N | TEXT_OPT_IN =optOut pref:N/Y | DIRECTORY_FLAG pref:Y/N',
  'Colleague, chosen names':
    'Colleague ID =contactId seven0 | Chosen First Name =firstName preferred | Birth Last Name last2 | Last Name =lastName last | Mobile Number =mobileNumber cell | Nickname sparse | Marital Status code',
  'Colleague, coaches':
    'Student ID =contactId seven0 | First =firstName first | Last =lastName last | Mobile =mobileNumber cell | Success Coach ID =staffId aid | Success Coach First Name first2 | Success Coach Cell cell2',
  'Colleague, x fields':
    'XSTU.ID =contactId seven0 | XSTU.FIRST =firstName first | XSTU.LAST =lastName last | XSTU.CELL =mobileNumber cell | XSTU.EMAIL email | XADV.NAME name',
  'Colleague, application':
    'Applicant ID =contactId seven0 | Application ID serial | First Name =firstName first | Last Name =lastName last | Mobile Phone =mobileNumber cell | Decision Date date | Start Term term | Sms Consent =optOut pref:No/Yes',
  'Colleague, former IDs':
    'ID Number =contactId seven0 | Old ID sparseid | Alternate ID sparseid | Surname =lastName last | Forename =firstName first | Mobile No =mobileNumber cell | Home No cell2',
  'Colleague, no opt-out of texts':
    'PERSON.ID =contactId seven0 | NAME.FIRST =firstName first | NAME.LAST =lastName last | PHONE.CELL =mobileNumber cell | EMAIL.OPT.OUT pref:Y/N | MAIL.OPT.OUT pref:Y/N | CALL.OPT.OUT pref:Y/N',
  'Colleague, household':
    'Person ID =contactId seven0 | Household ID serial | Given Name =firstName first | Family Name =lastName last | Cellular =mobileNumber cell | Family Phone cell2 | Spouse Cell cell3',
  'Slate, standard export':
    'Ref =contactId ref | First =firstName first | Preferred sparse | Last =lastName last | Mobile =mobileNumber cell | Email email | Address Street street | Staff Assigned =staffId aid | Entry Term term',
  'Slate, reference IDs':
    'Person Reference ID =contactId ref | Application Reference ID ref2 | Person First =firstName first | Person Last =lastName last | Device Mobile =mobileNumber cell | Device Email email | Reference First first2 | Reference Mobile cell2',
  'Slate, messaging preferences':
    'Slate ID =contactId ref | First Name =firstName first | Last Name =lastName last | Mobile Phone =mobileNumber cell | SMS Opt-Out =optOut pref:1/0 | Email Opt-Out pref:1/0 | Mailing Opt-Out pref:1/0',
  'Slate, consent question':
    'Prospect ID =contactId ref | First =firstName first | Last =lastName last | Cell Phone =mobileNumber cell | May we text you? =optOut pref:No/Yes | Birthdate date | High School school | CEEB ceeb',
  'Slate, parents':
    'Ref =contactId ref | First =firstName first | Last =lastName last | Mobile =mobileNumber cell | Parent 1 First first2 | Parent 1 Last last2 | Parent 1 Mobile cell2 | Parent 2 Mobile cell3 | Text Opt-In =optOut pref:No/Yes',
  'Slate, GUID':
    'GUID guid | Student ID =contactId bid | First =firstName first | Last =lastName last | Mobile =mobileNumber cell | Created date | Updated date | Last Login date',
  'Slate, counselor':
    'Slate Reference ID =contactId ref | Preferred First =firstName preferred | Last =lastName last | Text Number =mobileNumber cell | Admissions Officer name | Admissions Officer ID =staffId aid | Tags code',
  'Slate, interests':
    'PersonRef =contactId ref | FirstName =firstName first | LastName =lastName last | CellPhone =mobileNumber cell | SMSOptIn =optOut pref:N/Y | EmailOptIn pref:N/Y | PushOptIn pref:N/Y',
  'Slate, permission words':
    'Student ID =contactId bid | First =firstName first | Last =lastName last | Mobile =mobileNumber cell | Text Permission =optOut pref:Denied/Granted | Call Permission pref:Denied/Granted',
  'Slate, devices':
    'Ref =contactId ref | First =firstName first | Last =lastName last | Phone - Mobile =mobileNumber cell | Phone - Home cell2 | Phone - Work cell3 | Phone - Mobile Verified pref:Y/N',
  'Slate, referrals':
    'ID =contactId ref | First =firstName first | Middle first2 | Last =lastName last | Cell =mobileNumber cell | Referrer ID ref2 | Referrer Cell cell2 | Referrer Email email',
  'Slate, events':
    'Ref =contactId ref | First Name =firstName first | Last Name =lastName last | Mobile Number =mobileNumber cell | First Event date | Last Event date | Event Text code | Text Messages Sent count',
  'Workday, report':
    'Student ID =contactId emplid | Universal ID emplid | Legal First Name =firstName first | Legal Last Name =lastName last | Mobile Phone =mobileNumber cell | Primary Academic Unit code | Academic Period term',
  'Workday, camel case':
    'studentId =contactId emplid | legalFirstName first2 | preferredFirstName =firstName preferred | lastName =lastName last | mobilePhone =mobileNumber cell | homePhone cell2 | workPhone cell3',
  'Workday, underscores':
    'Student_ID =contactId emplid | First_Name =firstName first | Last_Name =lastName last | Mobile_Phone_Number =mobileNumber cell | Advisor_Employee_ID =staffId aid | Advisor_Full_Name name | Cohort code',
  'Workday, LegalFirst':
    'UniversityID =contactId emplid | LegalFirst =firstName first | LegalLast =lastName last | PrimaryMobile =mobileNumber cell | PrimaryEmail email | ICE_Mobile cell2 | ICE_Name name',
  'Workday, friends and family':
    'Student ID =contactId emplid | First Name =firstName first | Last Name =lastName last | Primary Phone =mobileNumber cell | Friends and Family Phone cell2 | Proxy Mobile cell3 | Student Financials Hold pref:Y/N',
  'Workday, contact preferences':
    'Student ID =contactId emplid | First Name =firstName first | Last Name =lastName last | Mobile =mobileNumber cell | Preferred Contact Method code | Text Message Opt Out =optOut pref:TRUE/FALSE | Email Message Opt Out pref:TRUE/FALSE',
  'Workday, assigned to':
    'Academic ID sparseid | Student ID =contactId emplid | Preferred First =firstName preferred | Preferred Last =lastName last | Cell Phone Number =mobileNumber cell | Assigned Advisor ID =staffId aid | Assigned Advisor Phone cell2',
  'Workday, country code':
    'Student ID =contactId emplid | Given Name =firstName first | Family Name =lastName last | Phone Country Code one | Mobile Phone =mobileNumber cell | Phone Extension sparse | Device Type code',
  'Workday, first generation':
    'Student ID =contactId emplid | First Generation pref:Y/N | First Name =firstName first | Last Name =lastName last | Last Date of Attendance date | Cell =mobileNumber cell | First Language code',
  'Workday, instructors':
    'Student ID =contactId emplid | First Name =firstName first | Last Name =lastName last | Instructor Mobile cell2 | Instructor ID =staffId aid | Mobile =mobileNumber cell | Course Section code',
  'Workday, only work phones':
    'Student ID =contactId emplid | First Name =firstName first | Last Name =lastName last | Work Phone cell | Office Phone cell2 | Fax Number cell3 | Job Title code',
  'Jenzabar, NAME_MASTER':
    'ID_NUM =contactId six | LAST_NAME =lastName last | FIRST_NAME =firstName first | MIDDLE_NAME letter | PREFIX code | MOBILE_PHONE =mobileNumber cell | EMAIL_ADDRESS email | UDEF_1A_1 code',
  'Jenzabar, preferred':
    'ID_NUM =contactId six | APPID serial | PREFERRED_NAME =firstName preferred | LAST_NAME =lastName last | CELL_PHONE =mobileNumber cell | PHONE cell2 | DIV_CDE code | LOC_CDE code',
  'Jenzabar, counselor initials':
    'ID Num =contactId six | First Name =firstName first | Last Name =lastName last | Cell Phone =mobileNumber cell | Counselor Initials letter | Counselor ID =staffId aid | Stage code | Stage Date date',
  'Jenzabar, opt-in words':
    'ID_NUM =contactId six | FIRST_NAME =firstName first | LAST_NAME =lastName last | TXT_NBR =mobileNumber cell | TXT_OPT_IN =optOut pref:OUT/IN | SMS_CARRIER code | MAIL_OPT_IN pref:OUT/IN',
  'Jenzabar, guardians':
    'Host ID serial | ID Number =contactId six | First =firstName first | Last =lastName last | Guardian Mobile cell2 | Student Mobile =mobileNumber cell | Billing Phone cell3 | Guardian First Name first2',
  'Jenzabar, text stop':
    'IDNUM =contactId six | FNAME =firstName first | LNAME =lastName last | CELLNO =mobileNumber cell | TEXT_STOP =optOut pref:Y/N | NO_MAIL pref:Y/N | NO_CALL pref:Y/N | NO_EMAIL pref:Y/N',
  'Jenzabar, no text':
    'ID =contactId six | FIRST =firstName first | LAST =lastName last | MOBILE =mobileNumber cell | NO_TEXT =optOut pref:Y/N | NO_PHONE pref:Y/N | LAST_CONTACT date | FIRST_CONTACT date',
  'Jenzabar, alumni':
    'ID_NUM =contactId six | SPOUSE_ID_NUM six2 | FIRST_NAME =firstName first | LAST_NAME =lastName last | BIRTH_NAME last2 | CELL_PHONE =mobileNumber cell | SPOUSE_CELL_PHONE cell2 | EMPLOYER_PHONE cell3',
  'Jenzabar, sequence':
    'SEQ serial1 | ID_NUM =contactId six | LAST =lastName last | FIRST =firstName first | PHN_CELL =mobileNumber cell | PHN_HOME cell2 | PHN_LOCAL cell3 | ROOM code',
  'Jenzabar, withdrawn consent':
    'Student No =contactId six | First Name =firstName first | Last Name =lastName last | Mobile No. =mobileNumber cell | SMS Consent =optOut pref:Withdrawn/Given | Consent Date date | Consent Source code',
  'Jenzabar, athletes':
    'Student Number =contactId six | Student First Name =firstName first | Student Last Name =lastName last | Student Cell =mobileNumber cell | Coach Name name | Coach Cell cell2 | Roommate Cell cell3 | Roommate ID six2',
  'Jenzabar, several phones':
    'ID_NUM =contactId six | FIRST_NAME =firstName first | LAST_NAME =lastName last | PHONE1 =mobileNumber cell | PHONE2 cell2 | PHONE3 cell3 | EMAIL1 email | EMAIL2 email',
  'Banner, phones by code':
    'ID =contactId bid | LAST_NAME =lastName last | FIRST_NAME =firstName first | PR_PHONE cell2 | CE_PHONE =mobileNumber cell | PA_PHONE cell3 | AIDY term',
  'Slate, emergency contact called contact':
    'Contact First Name first2 | Contact Last Name last2 | Contact Phone cell2 | Student ID =contactId bid | First Name =firstName first | Last Name =lastName last | Mobile =mobileNumber cell',
  'Jenzabar, letter and number':
    'ID serial | G Number =contactId bid | FRST_NM =firstName first | LST_NM =lastName last | MBL_PHONE =mobileNumber cell | SMS_PERM_FLAG =optOut pref:N/Y',
  'Jenzabar, housing':
    'Student ID =contactId six | Last Name =lastName last | First Name =firstName first | Bldg code | Room code | Dorm Phone cell2 | Mobile Phone =mobileNumber cell | Card ID serial | Mail Box code',
}
