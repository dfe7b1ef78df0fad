/** The waveform of one stream, drawn when something new came, at most once a frame. */
import { useEffect, useRef } from "preact/hooks";
import { KEPT_LEVELS, type LevelHistory, loudness } from "../state/level-history.ts";
import { wantsStillness } from "./narrow.ts";

const BAR_PX = 2;
const STEP_PX = 3;

/** Its colour is that of the text around it. */
export function LevelView({
  history,
  participantId,
  label,
}: {
  readonly history: LevelHistory;
  readonly participantId: string;
  readonly label: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) {
      return;
    }
    let frame: number | undefined;
    const draw = (): void => {
      frame = undefined;
      drawLevels(element, history.of(participantId));
    };
    const ask = (): void => {
      frame ??= requestAnimationFrame(draw);
    };
    const resized = new ResizeObserver(ask);
    resized.observe(element);
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", ask);
    const unwatch = history.watch((id) => {
      if (id === participantId) {
        ask();
      }
    });
    ask();
    return () => {
      unwatch();
      resized.disconnect();
      scheme.removeEventListener("change", ask);
      if (frame !== undefined) {
        cancelAnimationFrame(frame);
      }
    };
  }, [history, participantId]);
  return <canvas class="level" ref={canvas} role="img" aria-label={label} />;
}

function drawLevels(canvas: HTMLCanvasElement, levels: readonly number[]): void {
  const { clientWidth, clientHeight } = canvas;
  const scale = window.devicePixelRatio;
  const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  if (context === null || clientHeight === 0) {
    return;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, clientWidth, clientHeight);
  context.fillStyle = getComputedStyle(canvas).color;
  if (wantsStillness()) {
    // One bar that grows, in place of a picture that moves.
    const share = loudness(levels.at(-1) ?? Number.NEGATIVE_INFINITY);
    context.fillRect(0, clientHeight / 2 - 3, Math.max(1, share * clientWidth), 6);
    return;
  }
  const bars = Math.min(KEPT_LEVELS, Math.floor(clientWidth / STEP_PX));
  for (let bar = 0; bar < bars; bar += 1) {
    const level = levels[levels.length - bars + bar] ?? Number.NEGATIVE_INFINITY;
    const tall = Math.max(1, loudness(level) * (clientHeight - 2));
    context.fillRect(bar * STEP_PX, (clientHeight - tall) / 2, BAR_PX, tall);
  }
}
