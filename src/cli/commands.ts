import type { AnyCommand } from './command.ts'

/** A command by name, not loaded before it runs. */
export interface CommandEntry {
  /** The line in `nuages --help`. */
  readonly help: string
  readonly group: string
  readonly load: () => Promise<{ readonly default: AnyCommand }>
}

function entry(group: string, help: string, load: CommandEntry['load']): CommandEntry {
  return { group, help, load }
}

/**
 * The commands of the framework's own rooms. This file imports none of them: `nuages --help` answers from here, and a
 * command brings only its own code. A test keeps the lines equal to the commands' own help.
 */
export const builtInCommands: Readonly<Record<string, CommandEntry>> = {
  startproject: entry(
    'Begin',
    'Start a new project: settings, an app with a user model, a first page and a test.',
    () => import('./commands/startproject.ts'),
  ),
  startapp: entry(
    'Begin',
    'Start an app in the project: a folder with models, addresses, views and a test.',
    () => import('./commands/startapp.ts'),
  ),

  dev: entry(
    'Serve',
    'Serve the project while you work on it: restarts when a file is saved.',
    () => import('./commands/dev.ts'),
  ),
  serve: entry('Serve', 'Serve the project in production.', () => import('./commands/serve.ts')),

  makemigrations: entry(
    'Database',
    'Write migrations for changes of the models.',
    () => import('../db/commands/makemigrations.ts'),
  ),
  migrate: entry(
    'Database',
    'Bring the database up to date: apply migrations, or go back to an earlier one.',
    () => import('../db/commands/migrate.ts'),
  ),
  showmigrations: entry(
    'Database',
    'List migrations and which are applied.',
    () => import('../db/commands/showmigrations.ts'),
  ),
  sqlmigrate: entry(
    'Database',
    'Print the SQL of a migration: what migrate runs on this database, without running it.',
    () => import('../db/commands/sqlmigrate.ts'),
  ),
  squashmigrations: entry(
    'Database',
    'Write one migration that stands for several of an app.',
    () => import('../db/commands/squashmigrations.ts'),
  ),
  optimizemigration: entry(
    'Database',
    'Write a migration anew with fewer operations, where several come to the same as one.',
    () => import('../db/commands/optimizemigration.ts'),
  ),
  inspectdb: entry(
    'Database',
    'Write models for the tables of a database, whoever made it.',
    () => import('../db/commands/inspectdb.ts'),
  ),
  dumpdata: entry(
    'Database',
    'Write the rows of models as a fixture, which loaddata and Django read.',
    () => import('../db/commands/dumpdata.ts'),
  ),
  loaddata: entry(
    'Database',
    'Load fixtures: files that dumpdata or Django wrote.',
    () => import('../db/commands/loaddata.ts'),
  ),
  flush: entry(
    'Database',
    'Delete every row of every table that migrations manage.',
    () => import('../db/commands/flush.ts'),
  ),
  sqlflush: entry(
    'Database',
    'Print the SQL that flush runs, without running it.',
    () => import('../db/commands/sqlflush.ts'),
  ),
  sqlsequencereset: entry(
    'Database',
    'Print the SQL that lets numbers of new rows go on after those that are there: after rows were copied with their numbers.',
    () => import('../db/commands/sqlsequencereset.ts'),
  ),
  dbshell: entry(
    'Database',
    "Open the database's own client: sqlite3, psql or mariadb, which must be installed.",
    () => import('../db/commands/dbshell.ts'),
  ),

  check: entry('Project', 'Look for mistakes in the project without running it.', () => import('./commands/check.ts')),
  test: entry(
    'Project',
    'Run the tests of the project: its *.test.ts files, with the test runner of Node.',
    () => import('./commands/test.ts'),
  ),
  shell: entry('Project', 'Open a prompt with the models of the project at hand.', () => import('./commands/shell.ts')),
  listurls: entry('Project', 'List the routes of the project.', () => import('./commands/listurls.ts')),
  diffsettings: entry(
    'Project',
    'List the settings that differ from their defaults.',
    () => import('./commands/diffsettings.ts'),
  ),
  collectstatic: entry(
    'Project',
    'Copy static files into one folder, under hashed names.',
    () => import('./commands/collectstatic.ts'),
  ),
  build: entry(
    'Project',
    'Write the project as JavaScript into a folder, with its static files.',
    () => import('./commands/build.ts'),
  ),
  createsuperuser: entry(
    'Project',
    'Create a user with every permission.',
    () => import('../auth/commands/createsuperuser.ts'),
  ),
  changepassword: entry('Project', "Change a user's password.", () => import('../auth/commands/changepassword.ts')),

  version: entry('Help', 'Print the versions of nuages and Node.', () => import('./commands/version.ts')),
  help: entry('Help', 'Explain a command.', () => import('./commands/help.ts')),
}
