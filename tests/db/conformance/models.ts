/** The twelve models of the ORM vectors (`schema.json`), written as a project would. */
import {
  boolean,
  char,
  date,
  dateTime,
  decimal,
  duration,
  float,
  foreignKey,
  integer,
  json,
  Model,
  manyToMany,
  oneToOne,
  reverse,
  reverseOne,
  text,
  time,
} from 'nuages/db'

type Json = { [key: string]: any }

export class Company extends Model<Company>()({
  name: char({ maxLength: 80 }),
  country: char({ maxLength: 2 }),
  founded: date({ null: true }),
  credit: decimal({ maxDigits: 12, decimalPlaces: 2, null: true }),
  active: boolean({ default: true }),
  meta: json<Json>({ default: () => ({}) }),
  parent: () => foreignKey(Company, { null: true, onDelete: 'setNull' }),
  subsidiaries: () => reverse(Company, 'parent'),
  people: () => reverse(Person, 'company'),
  teams: () => reverse(Team, 'company'),
  projects: () => reverse(Project, 'company'),
  invoices: () => reverse(Invoice, 'company'),
}) {}

export class Person extends Model<Person>()({
  company: () => foreignKey(Company, { null: true, onDelete: 'setNull' }),
  firstName: char({ maxLength: 40 }),
  lastName: char({ maxLength: 40 }),
  email: char({ maxLength: 100, unique: true }),
  role: char({ maxLength: 10 }),
  birth: date({ null: true }),
  salary: decimal({ maxDigits: 10, decimalPlaces: 2, null: true }),
  isStaff: boolean({ default: false }),
  score: float({ default: 0 }),
  joined: dateTime(),
  manager: () => foreignKey(Person, { null: true, onDelete: 'setNull' }),
  reports: () => reverse(Person, 'manager'),
  profile: () => reverseOne(Profile, 'person'),
  teams: () => reverse(Team, 'members'),
  memberships: () => reverse(Membership, 'person'),
  ledProjects: () => reverse(Project, 'lead'),
  watchedProjects: () => reverse(Project, 'watchers'),
  reported: () => reverse(Ticket, 'reporter'),
  assigned: () => reverse(Ticket, 'assignee'),
  comments: () => reverse(Comment, 'author'),
  entries: () => reverse(TimeEntry, 'person'),
}) {}

export class Profile extends Model<Profile>()({
  person: () => oneToOne(Person, { onDelete: 'cascade' }),
  bio: text({ default: '' }),
  timezone: char({ maxLength: 40 }),
  prefs: json<Json>({ null: true }),
}) {}

export class Team extends Model<Team>()({
  name: char({ maxLength: 60 }),
  company: () => foreignKey(Company, { onDelete: 'cascade' }),
  members: () => manyToMany(Person, { through: Membership }),
  memberships: () => reverse(Membership, 'team'),
}) {}

export class Membership extends Model<Membership>()({
  team: () => foreignKey(Team, { onDelete: 'cascade' }),
  person: () => foreignKey(Person, { onDelete: 'cascade' }),
  level: integer(),
  since: date(),
}) {}

export class Project extends Model<Project>()({
  code: char({ maxLength: 12, unique: true }),
  title: char({ maxLength: 80 }),
  company: () => foreignKey(Company, { onDelete: 'cascade' }),
  lead: () => foreignKey(Person, { null: true, onDelete: 'setNull' }),
  budget: decimal({ maxDigits: 12, decimalPlaces: 2, null: true }),
  starts: date(),
  ends: date({ null: true }),
  status: char({ maxLength: 10 }),
  archived: boolean({ default: false }),
  watchers: () => manyToMany(Person),
  settings: json<Json>({ null: true }),
  tickets: () => reverse(Ticket, 'project'),
}) {}

export class Label extends Model<Label>()({
  name: char({ maxLength: 30, unique: true }),
  color: char({ maxLength: 7 }),
  tickets: () => reverse(Ticket, 'labels'),
}) {}

export class Ticket extends Model<Ticket>()({
  project: () => foreignKey(Project, { onDelete: 'cascade' }),
  number: integer(),
  title: char({ maxLength: 120 }),
  body: text({ default: '' }),
  status: char({ maxLength: 10 }),
  kind: char({ maxLength: 10 }),
  priority: integer({ default: 3 }),
  reporter: () => foreignKey(Person, { onDelete: 'protect' }),
  assignee: () => foreignKey(Person, { null: true, onDelete: 'setNull' }),
  parent: () => foreignKey(Ticket, { null: true, onDelete: 'cascade' }),
  children: () => reverse(Ticket, 'parent'),
  labels: () => manyToMany(Label),
  blockedBy: () => manyToMany(Ticket, { symmetrical: false }),
  blocks: () => reverse(Ticket, 'blockedBy'),
  estimate: decimal({ maxDigits: 6, decimalPlaces: 2, null: true }),
  created: dateTime(),
  closed: dateTime({ null: true }),
  due: date({ null: true }),
  isPrivate: boolean({ default: false }),
  extra: json<Json>({ null: true }),
  comments: () => reverse(Comment, 'ticket'),
  entries: () => reverse(TimeEntry, 'ticket'),
}) {}

export class Comment extends Model<Comment>()({
  ticket: () => foreignKey(Ticket, { onDelete: 'cascade' }),
  author: () => foreignKey(Person, { null: true, onDelete: 'setNull' }),
  body: text(),
  created: dateTime(),
  likes: integer({ default: 0 }),
  edited: boolean({ null: true }),
}) {}

export class TimeEntry extends Model<TimeEntry>()({
  ticket: () => foreignKey(Ticket, { onDelete: 'cascade' }),
  person: () => foreignKey(Person, { onDelete: 'cascade' }),
  day: date(),
  hours: decimal({ maxDigits: 5, decimalPlaces: 2 }),
  billable: boolean({ default: true }),
  rate: decimal({ maxDigits: 8, decimalPlaces: 2, null: true }),
  started: time({ null: true }),
  duration: duration({ null: true }),
}) {}

export class Invoice extends Model<Invoice>()({
  company: () => foreignKey(Company, { onDelete: 'protect' }),
  number: char({ maxLength: 20, unique: true }),
  issued: date(),
  paid: date({ null: true }),
  total: decimal({ maxDigits: 12, decimalPlaces: 2 }),
  lines: () => reverse(InvoiceLine, 'invoice'),
}) {}

export class InvoiceLine extends Model<InvoiceLine>()({
  invoice: () => foreignKey(Invoice, { onDelete: 'cascade' }),
  description: char({ maxLength: 100 }),
  qty: integer(),
  unit: decimal({ maxDigits: 10, decimalPlaces: 2 }),
}) {}

export const models = {
  Company,
  Person,
  Profile,
  Team,
  Membership,
  Project,
  Label,
  Ticket,
  Comment,
  TimeEntry,
  Invoice,
  InvoiceLine,
}
