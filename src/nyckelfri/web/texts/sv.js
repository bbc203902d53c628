/**
 * What the app says, in Swedish. House rules: short, warm, says what to do next; never blames.
 * Why a lock refuses stands in `reasons.js`, which the server makes from the one list of reasons.
 */
export default {
  app: 'Nyckelfri', back: 'Tillbaka', cancel: 'Avbryt', close: 'Stäng', save: 'Spara', retry: 'Försök igen',
  menu: 'Meny', yes: 'Ja', no: 'Nej', undo: 'Ångra', call: 'Ring', call_name: 'Ring {name}', more: 'Mer',
  loading: 'Ett ögonblick …', optional: 'frivilligt', to_content: 'Till innehållet', language: 'In English',
  today: 'Idag', tonight: 'I natt', minutes: '{n} min', at: 'kl. {time}', hours_minutes: '{h} tim {m} min',

  // Getting started.
  enrol_title: 'Välkommen', enrol_lead: 'Telefonen behöver en engångskod innan den kan öppna dörrar. Du får den av din samordnare.',
  enrol_code: 'Engångskod', enrol_hint: 'Tio tecken, till exempel ABCDE-FGHJK', enrol_do: 'Koppla telefonen',
  enrol_done: 'Telefonen är kopplad. Nu kan du logga in.',
  signin_title: 'Logga in', signin_lead: 'En gång när passet börjar. Sedan räcker pinkoden, även utan täckning.',
  signin_name: 'Användarnamn', signin_password: 'Lösenord', signin_do: 'Logga in', signin_show: 'Visa lösenord',
  signin_again: 'Ditt pass är slut, eller så har servern avslutat det. Logga in igen.',
  signin_offline: 'Ingen kontakt med servern. Du som var inloggad senast kan logga in ändå, med nycklarna som finns i telefonen.',
  signin_offline_done: 'Inloggad utan server. Nycklarna förnyas när det finns täckning.',
  signin_other: 'Någon annan', signin_other_warn: 'När du loggar in försvinner kollegans kunder från telefonen. Det som väntar på att skickas finns kvar.',
  pin_new: 'Välj en pinkod', pin_new_lead: 'Sex siffror som bara du kan. Koden låser upp appen under passet.',
  pin_again: 'Samma kod en gång till', pin_differs: 'Koderna är inte lika. Välj igen.', pin_simple: 'Den koden är för lätt att gissa. Välj en annan.',
  pin_title: 'Välkommen tillbaka', pin_lead: 'Skriv din pinkod', pin_wrong: 'Fel pinkod. {left} försök kvar innan telefonen töms.',
  pin_wrong_one: 'Fel pinkod. Ett försök kvar innan telefonen töms. Ring din samordnare om du är osäker.',
  pin_delete: 'Sudda', pin_digits: '{n} av 6 siffror', pin_wiped: 'Telefonen är tömd efter för många fel. Du behöver en ny engångskod.',
  alarm_waits: 'Larm väntar. Skriv din pinkod.', label_waits: 'Etiketten är läst. Skriv din pinkod så fortsätter vi.',
  blocked_title: 'Telefonen är spärrad', blocked_lead: 'Alla nycklar är borttagna. Lämna telefonen till din chef.',
  blocked_enrol: 'Jag har fått en ny engångskod',

  // The day.
  day_title: 'Mina besök', day_none: 'Inga besök idag', day_none_hint: 'Har du nyss fått ett pass? Hämta dagen igen, eller ring din samordnare.',
  day_never: 'Dagen är inte hämtad än', day_never_hint: 'Gå dit det finns täckning och hämta dagen.',
  day_half: '{n} av dagens besök saknar nyckel. Hämta dagen igen, eller ring din samordnare.',
  day_done: 'Alla besök är klara. Bra jobbat!', day_get: 'Hämta dagen', day_got: 'Hämtat {time}',
  next_visit: 'Nästa besök', running_visit: 'Pågår nu', later: 'Senare', earlier: 'Tidigare', not_registered: 'Inte registrerade',
  no_key: 'Nyckel saknas', starts_in: 'om {n} min', late_by: '{n} min sen', since: 'sedan {time}',
  standing_ahead: 'Kommer', standing_now: 'Nu', standing_unregistered: 'Inte registrerat', standing_running: 'Pågår',
  standing_done: 'Klart', standing_missed: 'Inte hemma', standing_declined: 'Avböjt',
  search: 'Sök kund', search_lead: 'Bland kunder vars dörr du får öppna', search_field: 'Namn, adress eller nummer',
  search_none: 'Ingen kund hittades. Du kan bara söka bland dem vars dörr du får öppna.', search_empty: 'Skriv några bokstäver i namnet eller adressen.',

  // A visit.
  together_with: 'Ni är två: {name}', added_by_planner: 'Tillagt av samordnaren: {reason}', protected: 'Skyddade uppgifter',
  partner_here: 'Bor med {name}', apartment: 'lgh {n}', how_in: 'Så här går du in', services: 'Insatser', unplanned_visit: 'Inget planerat besök',
  floor: 'Våning', telephone: 'Telefon', client_number: 'Kund {n}', went_in: 'Började {time}, {how}', went_out: 'Slutade {time}, {how}',
  how_label: 'etiketten', how_door: 'dörren', how_manual: 'för hand',
  label_place: 'Etikett: {place}', no_lock: 'Ingen dörr här har digitalt lås. Använd nyckel enligt rutinen.',

  // Doors.
  unlock_entrance: 'Lås upp porten', unlock_front: 'Lås upp dörren', lock_front: 'Lås dörren',
  do_unlock_entrance: 'Porten', do_unlock_front: 'Dörren', do_lock_front: 'Lås dörren', instead: 'Annan dörr',
  stage_searching: 'Söker låset', stage_choosing: 'Välj låset i rutan', stage_connecting: 'Ansluter', stage_checking: 'Kontrollerar',
  stage_moving: 'Öppnar', stage_moving_lock: 'Låser', stage_retrying: 'Försöker en gång till',
  stage_waiting: 'Låset svarar inte än. Stå kvar nära dörren.',
  opened_entrance: 'Porten är upplåst', opened_front: 'Dörren är upplåst', locked_front: 'Dörren är låst', opened_unsure: 'Låset har svarat ja. Känn på dörren.',
  jammed: 'Låset kärvade. Känn på dörren och försök igen.', keep_near: 'Lämnar nyheter till låset …',
  no_lock_found: 'Inget lås hörs. Gå närmare dörren och försök igen.', link_lost: 'Kontakten med låset bröts. Stå nära dörren och försök igen.',
  chooser_cancelled: 'Inget lås valdes.', wide: 'Visa alla lås i närheten', wide_hint: 'Om rutan är tom fast du står vid dörren.',
  bluetooth_off: 'Bluetooth är avstängt. Slå på det och försök igen.', bluetooth_missing: 'Den här webbläsaren kan inte tala med lås. Öppna appen i Chrome på en Android-telefon.',
  bluetooth_denied: 'Appen får inte använda Bluetooth. Tillåt ”Enheter i närheten” för Chrome i telefonens inställningar.',
  no_grant: 'Telefonen har ingen nyckel till den dörren. Hämta dagen, eller ring din samordnare.',
  who_can_help: 'Vem kan hjälpa?', nobody_known: 'Inga kollegor är hämtade. Ring din samordnare.', lock_broken: 'Låset fungerar inte',
  withdrawn: 'Nyckeln är återkallad', storage_full: 'Telefonens minne är fullt. Synka, eller ta bort bilder och annat, och försök igen.',

  // Entering.
  start_label: 'Läs etiketten', start_manual: 'Börja för hand', end_visit: 'Avsluta besöket', end_and_lock: 'Avsluta och lås', end_only: 'Avsluta utan att låsa',
  what_was_done: 'Vad har du gjort?', untick: 'Ta bort det som inte blev av.', more_services: 'Fler insatser', nothing_done: 'Kryssa i minst en insats, eller välj ”Avböjt”.',
  why_manual: 'Varför för hand?', missed: 'Ingen hemma', missed_title: 'Ingen öppnade', declined: 'Avböjt', declined_title: 'Kunden tackade nej',
  note: 'Anteckning', note_field: 'Vad vill du säga till kollegorna?', deviation: 'Avvikelse', deviation_title: 'Rapportera en avvikelse', deviation_field: 'Vad hände?',
  kind: 'Vad gäller det?', reason: 'Anledning', tell_more: 'Berätta kort', registered: 'Sparat i telefonen', undone: 'Ångrat',
  started: 'Besöket har börjat', ended: 'Besöket är avslutat', confirm_missed: 'Registrera', confirm_declined: 'Registrera',
  batteries: 'Jag har bytt batterier', batteries_ask: 'Är batterierna bytta i låset på {door}?', batteries_done: 'Batteribytet är sparat', front_door: 'dörren', entrance_door: 'porten',
  why_open: 'Varför öppnar du?', why_open_lead: '{name} är inte bland dina besök. Skriv varför, så syns det i loggen.', open_now: 'Fortsätt till dörren',
  fault_title: 'Låset fungerar inte', fault_what: 'Vad händer?', fault_send: 'Felanmäl låset', fault_sent: 'Felanmälan är sparad', fault_fallback: 'Jag använder reservvägen nu',
  fallback_title: 'Gör så här', fallback_none: 'Kommunen har inte skrivit in någon reservväg. Ring din samordnare.',
  error_choose: 'Välj något i listan.', error_write: 'Skriv kort vad det gäller.', error_too_long: 'Texten är för lång.', error_unknown: 'Det gick inte att spara.',

  reason_forgot: 'Jag glömde', reason_label_missing: 'Etiketten saknas', reason_label_unreadable: 'Etiketten går inte att läsa', reason_lock_not_working: 'Låset fungerar inte',
  reason_phone_was_off: 'Telefonen var avstängd', reason_outside_home: 'Besöket var utanför hemmet', reason_other: 'Annat',
  reason_not_home: 'Kunden är inte hemma', reason_no_answer: 'Ingen svarar', reason_hospital: 'Kunden är på sjukhus',
  reason_alarm: 'Larm', reason_asked: 'Kunden eller en anhörig har ringt', reason_covering: 'Jag hjälper en kollega', reason_safety: 'Jag är orolig för kunden',
  deviation_fall: 'Fall', deviation_medicine: 'Läkemedel', deviation_health: 'Mår sämre', deviation_home: 'Hemmet', deviation_lock: 'Lås eller dörr', deviation_other: 'Annat',
  fault_no_answer: 'Låset svarar inte', fault_jammed: 'Låset kärvar', fault_refused: 'Låset nekar', fault_other: 'Annat',

  // Labels.
  label_reading: 'Håll telefonen mot etiketten', label_unreadable: 'Etiketten gick inte att läsa. Håll telefonen still mot den.', label_not_ours: 'Det är ingen besöksetikett.',
  label_unknown: 'Etiketten hör inte till någon av dina kunder.', label_other: 'Etiketten hör till {name}.', nfc_missing: 'Telefonen kan inte läsa etiketter i appen. Håll den mot etiketten på hemskärmen, eller börja för hand.',
  nfc_denied: 'Appen får inte läsa etiketter. Tillåt NFC för sidan i Chromes inställningar.', nfc_off: 'NFC är avstängt i telefonen.',

  // What waits.
  all_sent: 'Allt är skickat', waits_one: '1 sak väntar', waits: '{n} saker väntar', waits_since: 'sedan {time}', outbox_title: 'Väntar på att skickas',
  outbox_lead: 'Allt du gör sparas först i telefonen och skickas när det finns täckning. Inget försvinner om telefonen stängs av.',
  outbox_entries: 'Besök och anteckningar', outbox_openings: 'Öppningar', outbox_batches: 'Loggar från lås', send_now: 'Skicka nu', sending: 'Skickar …', sent: 'Allt är skickat',
  sent_some: 'Något är kvar. Appen försöker igen av sig själv.', offline: 'Ingen täckning. Appen försöker igen av sig själv.', server_down: 'Servern svarar inte. Appen försöker igen av sig själv.',
  server_refuses: 'Servern kunde inte ta emot allt. Det ligger kvar i telefonen. Ring supporten om det inte går över.', too_often: 'För många försök. Vänta en stund.',
  wrong_credentials: 'Fel användarnamn eller lösenord.', code_refused: 'Koden gäller inte. Kontrollera den, eller be om en ny.', not_permitted: 'Det får du inte göra.',
  clock_off: 'Telefonens klocka går fel. Appen rättar sig efter servern.',

  // Alarm.
  alarm_title: 'Larm', alarm_at: 'Larm {time}', alarm_open: 'Till dörren',

  // Me.
  me_title: 'Meny', me_signed_in: 'Inloggad som {name}', me_until: 'till {time}', sign_out: 'Logga ut', sign_out_ask: 'Logga ut? Kunder och nycklar försvinner från telefonen. Det som väntar på att skickas finns kvar.',
  lock_app: 'Lås appen', change_pin: 'Byt pinkod', about_version: 'Version {v}', update_ready: 'Ny version finns. Den tas i bruk när appen låses.', sound: 'Ljud och vibration', install: 'Lägg till på hemskärmen',
  unexpected: 'Något gick fel i appen. Det du sparat finns kvar.',
};
