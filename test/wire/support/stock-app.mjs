// A drachtio application as anyone writes it: stock drachtio-srf, nothing of ours. Tells what happens as JSON lines.
import Srf from "drachtio-srf";

const [port, secret, calleePort] = process.argv.slice(2);
const SDP =
  "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 42490 RTP/AVP 0\r\n";
const srf = new Srf();
const tell = (event, more = {}) => process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
const callee = `sip:callee@127.0.0.1:${calleePort};transport=udp`;

async function answer(req, res) {
  try {
    if (req.uri.includes("bridge@")) {
      const { uas, uac } = await srf.createB2BUA(req, res, callee, { localSdpB: req.body });
      tell("bridged");
      for (const [dialog, other] of [
        [uas, uac],
        [uac, uas],
      ]) {
        dialog.on("destroy", () => other.destroy(() => tell("unbridged")));
      }
    } else {
      const dialog = await srf.createUAS(req, res, { localSdp: SDP });
      dialog.on("destroy", () => tell("ended"));
      tell("answered");
    }
  } catch (error) {
    tell("failed", { message: String(error) });
  }
}

srf.invite((req, res) => void answer(req, res));
srf.on("error", (error) => tell("error", { message: String(error) }));
srf.on("connect", (error, hostPorts) => tell(error ? "refused" : "connected", { hostPorts }));

async function call() {
  try {
    const dialog = await srf.createUAC(callee, { localSdp: SDP });
    tell("called");
    await dialog.destroy();
    tell("hungUp");
  } catch (error) {
    tell("failed", { message: String(error) });
  }
}

process.stdin.on("data", () => void call());
process.stdin.on("end", () => process.exit(0));
void srf.connect({ host: "127.0.0.1", port: Number(port), secret });
