import { migration, renameModel } from 'nuages/db/migrations'

export default migration({
  dependencies: [['shop', '0003_issue_label']],
  operations: [renameModel('Scheme', 'Project'), renameModel('Issue', 'Ticket')],
})
