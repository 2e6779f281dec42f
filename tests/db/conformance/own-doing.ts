/**
 * Rows whose outcome is the database's own doing: what Django recorded is SQLite's answer, and another database
 * answers otherwise, to Django as well.
 */

/** What PostgreSQL answers, in a server and in this process. */
const POSTGRES = {
  'queries-8bb08bfce1': 'LIKE tells capitals apart',
  'queries-536e45c6a5': 'JSON text and numbers are ordered by type, not as text',
  'queries-9020278538': 'JSON text and numbers are ordered by type, not as text',
  'queries-94a2d48882': 'nulls come last',
  'queries-4920089fed': 'nulls come last',
  'queries-99d1f4a87d': 'a cast to integer rounds',
}

/** By the engine's name. */
export const OWN_DOING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  SQLite: {},
  PostgreSQL: POSTGRES,
  PGlite: POSTGRES,
  MariaDB: {
    'queries-8bb08bfce1': 'contains tells capitals apart',
    'queries-536e45c6a5': 'numbers in JSON are ordered apart from its text',
    'queries-99d1f4a87d': 'a cast to integer rounds',
    'queries-0340d54ffa': 'references are checked with each statement, not at the commit',
  },
}
