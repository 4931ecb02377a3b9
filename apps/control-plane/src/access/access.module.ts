import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { Access } from './access.js';
import { Actors } from './actors.js';
import { Authors } from './authors.js';
import { NewPasswords } from './passwords/new-passwords.js';
import { Passwords } from './passwords/passwords.js';
import { Sessions } from './sign-in/sessions.js';
import { FirstAdministrator } from './users/first-administrator.js';
import { Grants } from './users/grants.js';
import { Users } from './users/users.js';

/** Users, API tokens and their rights. The worker has it too: a schedule acts on behalf of a user. */
@Module({
  imports: [AuditModule],
  providers: [Access, Actors, Authors, FirstAdministrator, Grants, NewPasswords, Passwords, Sessions, Users],
  exports: [Access, Actors, Authors, FirstAdministrator, Grants, Passwords, Sessions, Users],
})
export class AccessModule {}
