import { respond } from 'nuages/http'
import { Book } from './models.ts'
import { urls } from './urls.ts'

export const count = urls.count.view(async () => respond(`${await Book.objects.count()} books`))
