// What the container `mongodb-prepare` runs with mongosh: makes the server a replica set of one, and a user per database, which may
// read and write that one and nothing else. Changes nothing when it is run again, but for passwords that are others.
const { MONGODB_HOST = 'mongodb:27017', MONGODB_ROOT_PASSWORD, MONGODB_USERS } = process.env;

const admin = new Mongo(`mongodb://${MONGODB_HOST}/?directConnection=true`).getDB('admin');
admin.auth('root', MONGODB_ROOT_PASSWORD);

const isSet = () => {
  try {
    return admin.runCommand({ replSetGetStatus: 1 }).ok === 1;
  } catch (error) {
    if (error.codeName === 'NotYetInitialized') return false;
    throw error;
  }
};
if (!isSet()) admin.runCommand({ replSetInitiate: { _id: 'kendt', members: [{ _id: 0, host: MONGODB_HOST }] } });
for (const deadline = Date.now() + 30_000; !admin.hello().isWritablePrimary; sleep(200)) if (Date.now() > deadline) throw new Error('No primary within 30 s');

for (const name of MONGODB_USERS.split(' ')) {
  const database = admin.getSiblingDB(name);
  const pwd = process.env[`${name.toUpperCase()}_MONGODB_PASSWORD`];
  if (!pwd) throw new Error(`There is no ${name.toUpperCase()}_MONGODB_PASSWORD`);
  const user = { pwd, roles: [{ role: 'readWrite', db: name }] };
  if (database.getUser(name)) database.updateUser(name, user);
  else database.createUser({ user: name, ...user });
}
print(`Replica set kendt, with users ${MONGODB_USERS}.`);
