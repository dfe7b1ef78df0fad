/** Runs baresip without a terminal and without a sound card: it plays a WAV file and records what it hears. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWav } from "../../../src/audio/wav.ts";
import { freeEarPort, freeHttpPort, freeSipPort } from "./free-ports.ts";
import { monoWav } from "./recordings.ts";
import { eventually } from "./waiting.ts";

const BARESIP = "/usr/bin/baresip";
const MODULE_FOLDERS = ["/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules"];
const MODULES = ["g711.so", "aufile.so", "sndfile.so", "srtp.so"];
const APPLICATIONS = ["menu.so", "ctrl_tcp.so"];
const EXIT_TIMEOUT_MS = 10_000;

const moduleFolder = MODULE_FOLDERS.find((folder) => existsSync(join(folder, "sndfile.so")));

/** False, with a printed reason, when baresip is not installed. */
export function baresipInstalled(): boolean {
  const installed = existsSync(BARESIP) && moduleFolder !== undefined;
  if (!installed) {
    console.log(`LEFT OUT: ${BARESIP} with its modules is not installed (apt-get install baresip)`);
  }
  return installed;
}

/** What it answers a challenge with. */
export interface BaresipCredentials {
  readonly username: string;
  readonly password: string;
}

/** How it is set up. */
export interface BaresipOptions {
  /** Further lines of its config. */
  readonly settings?: readonly string[];
  /** `srtp` offers plain RTP with keys, `srtp-mand` offers RTP/SAVP; absent: no encryption. */
  readonly encryption?: "srtp" | "srtp-mand";
  readonly credentials?: BaresipCredentials;
}

/** A running baresip. Whoever starts it quits it. */
export class Baresip {
  readonly #folder: string;
  readonly #controlPort: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #printed = "";

  private constructor(folder: string, controlPort: number) {
    this.#folder = folder;
    this.#controlPort = controlPort;
    this.#child = spawn(BARESIP, ["-f", folder], { stdio: ["ignore", "pipe", "pipe"] });
    const collect = (chunk: Buffer): void => {
      this.#printed = (this.#printed + chunk.toString()).slice(-20_000);
    };
    this.#child.stdout?.on("data", collect);
    this.#child.stderr?.on("data", collect);
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
    process.once("exit", () => this.#child.kill("SIGKILL"));
  }

  /** @param says 8 kHz samples, spoken from the moment of the answer on. */
  static async start(
    says: Int16Array,
    { settings = [], encryption, credentials }: BaresipOptions = {},
  ): Promise<Baresip> {
    const folder = mkdtempSync(join(tmpdir(), "wire-baresip-"));
    const words = join(folder, "says.wav");
    writeFileSync(words, writeWav(8000, [says]));
    const proof =
      credentials === undefined
        ? ""
        : `;auth_user=${credentials.username};auth_pass=${credentials.password}`;
    const parameters = encryption === undefined ? "" : `;mediaenc=${encryption}`;
    writeFileSync(
      join(folder, "accounts"),
      `<sip:caller@127.0.0.1>;regint=0${proof}${parameters}\n`,
    );
    const controlPort = await freeHttpPort();
    const rtpPort = await freeEarPort();
    const config = [
      "poll_method epoll",
      `sip_listen 127.0.0.1:${await freeSipPort()}`,
      `audio_source aufile,${words}`,
      "audio_channels 1",
      `rtp_ports ${rtpPort}-${rtpPort + 1}`,
      `module_path ${moduleFolder}`,
      ...MODULES.map((name) => `module ${name}`),
      "module_tmp account.so",
      ...APPLICATIONS.map((name) => `module_app ${name}`),
      `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
      `snd_path ${folder}`,
      ...settings,
    ];
    writeFileSync(join(folder, "config"), `${config.join("\n")}\n`);
    const baresip = new Baresip(folder, controlPort);
    await eventually("baresip", () => baresip.#printed.includes("baresip is ready"));
    return baresip;
  }

  /** What it has printed lately. */
  get printed(): string {
    return this.#printed;
  }

  /** A command of its menu, over ctrl_tcp; resolves with its reply. */
  command(command: string, params = ""): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.#controlPort, "127.0.0.1");
      let reply = "";
      socket.once("error", reject);
      socket.on("data", (chunk: Buffer) => {
        reply += chunk.toString();
        if (reply.includes('"response":true')) {
          socket.destroy();
          resolve(reply);
        }
      });
      const message = JSON.stringify({ command, params, token: "test" });
      socket.write(`${Buffer.byteLength(message)}:${message},`);
    });
  }

  async dial(uri: string): Promise<void> {
    await this.command("dial", uri);
    await eventually("a call", () => this.#printed.includes("Call established"));
  }

  /** What it heard in its only call. */
  heard(): Int16Array {
    const name = readdirSync(this.#folder).find((file) => file.endsWith("-dec.wav"));
    return name === undefined ? new Int16Array(0) : monoWav(join(this.#folder, name));
  }

  /** Ends the process, by force if need be, and removes its files; its exit code. */
  async quit(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    const deadline = setTimeout(() => this.#child.kill("SIGKILL"), EXIT_TIMEOUT_MS);
    const code = await this.#ended;
    clearTimeout(deadline);
    rmSync(this.#folder, { recursive: true, force: true });
    return code;
  }
}
