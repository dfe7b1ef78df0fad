/** The contract of signaling on drachtio-srf before the embedded server, or the drachtio-server that DRACHTIO_HOST names. */
import { signalingDialogsContract } from "../contract/signaling-dialogs.ts";
import { signalingReferContract } from "../contract/signaling-refer.ts";
import { signalingServerContract } from "../contract/signaling-server.ts";
import { DrachtioLab } from "./support/signaling-lab.ts";

signalingServerContract("DrachtioSignaling", () => DrachtioLab.open());
signalingDialogsContract("DrachtioSignaling", () => DrachtioLab.open());
signalingReferContract("DrachtioSignaling", () => DrachtioLab.open());
