export { profileGrpc, ProfileModule } from './profile.module.js';
