// libs/contracts/published: the contract with other systems as it stands, for whoever reads JSON schema, and for tools/check-messages.mjs.
import { contractFiles, publishedContract, todaysContract } from '../published-messages.mjs';

export const generateAll = () => contractFiles(publishedContract(), todaysContract());
