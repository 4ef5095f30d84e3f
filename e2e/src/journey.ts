import type { Step } from './step.js';
import { buy, recommend, withdraw } from './steps/buying.js';
import { changeMind, outdatedNotice, readConsents } from './steps/consenting.js';
import { askToBeErased, completed, confirmErasure, verifyCertificate } from './steps/erasing.js';
import { findAtTill, seeWhoLooked, strangerAtLund } from './steps/looking-up.js';
import { replayHistory, scanBefore, scanEverything } from './steps/proving.js';
import { registerAgain, registerAtFjord, registerBo, registerOnceMore, verifyByMail } from './steps/registering.js';
import { signInAtFjord, signInAtLund, wrongPassword } from './steps/signing-in.js';

/** One customer's whole way through Kendt. */
export const journey: readonly Step[] = [
  registerAtFjord,
  verifyByMail,
  registerAgain,
  registerBo,
  signInAtFjord,
  signInAtLund,
  wrongPassword,
  readConsents,
  outdatedNotice,
  changeMind,
  findAtTill,
  seeWhoLooked,
  strangerAtLund,
  buy,
  recommend,
  withdraw,
  scanBefore,
  askToBeErased,
  confirmErasure,
  completed,
  verifyCertificate,
  replayHistory,
  scanEverything,
  registerOnceMore,
];
