export { profileGrpc, ProfileModule } from './profile.module.js';
export { SecondTombstones } from './second-tombstones.js';
