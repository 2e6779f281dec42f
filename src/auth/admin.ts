import { admin } from '../admin/index.ts'
import { Group } from './models.ts'

admin.register(Group, { list: ['name'], search: ['name'], fields: ['name', 'permissions'] })
