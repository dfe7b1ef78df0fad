/** What is said, by whom, as it is said: stays at the newest line until the agent scrolls up. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type CallView, type Line, type Mood, nameOf, roleOf } from "../state/call-view.ts";
import { clockText } from "../state/timeline.ts";
import { MOOD_WORDS, ROLE_WORDS } from "./words.ts";

/** Lines in the document at a time. */
const WINDOW = 150;
/** Further up than this is reading, not following. */
const NEAR_PX = 48;

/** Keeps its place when older lines are asked for. */
export function Transcript({
  view,
  isShown,
}: {
  readonly view: CallView;
  readonly isShown: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const isFollowing = useSignal(true);
  /** Of the last line that is shown while the agent reads; `undefined`: the newest. */
  const end = useSignal<number | undefined>(undefined);
  const { lines } = view;
  const to = isFollowing.value ? lines.length : Math.min(lines.length, end.value ?? lines.length);
  const from = Math.max(0, to - WINDOW);
  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && isShown && isFollowing.peek()) {
      element.scrollTop = element.scrollHeight;
    }
  });
  // A notice above, or another width, must not push the newest line out of sight.
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    const resized = new ResizeObserver(() => {
      if (isFollowing.peek()) {
        element.scrollTop = element.scrollHeight;
      }
    });
    resized.observe(element);
    return () => resized.disconnect();
  }, [isFollowing]);
  const onScroll = (): void => {
    const element = box.current;
    if (element === null || !isShown) {
      return;
    }
    const belowPx = element.scrollHeight - element.scrollTop - element.clientHeight;
    const isAtNewest = belowPx <= NEAR_PX && to >= lines.length;
    if (isAtNewest !== isFollowing.value) {
      end.value = isAtNewest ? undefined : lines.length;
      isFollowing.value = isAtNewest;
    }
  };
  const goToNewest = (): void => {
    end.value = undefined;
    isFollowing.value = true;
    box.current?.focus();
  };
  const unread = lines.length - to;
  return (
    <>
      <h2>Transcript</h2>
      <div
        class="scroll lines"
        ref={box}
        onScroll={onScroll}
        role="log"
        aria-live="off"
        aria-label="What is said"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reachable by keyboard
        tabIndex={0}
      >
        {view.hasGap ? (
          <p class="gap">
            Something that was said is missing here: the gateway does not have it any more.
          </p>
        ) : null}
        {from > 0 ? (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              isFollowing.value = false;
              end.value = Math.max(WINDOW, to - WINDOW / 2);
            }}
          >
            Show earlier
          </button>
        ) : null}
        {lines.length === 0 ? <p class="empty">Nobody has said anything yet.</p> : null}
        {lines.slice(from, to).map((line, index, shown) => (
          <Said
            key={line.utteranceId}
            view={view}
            line={line}
            isSameSpeaker={shown[index - 1]?.participantId === line.participantId}
          />
        ))}
      </div>
      {isFollowing.value ? null : (
        <button type="button" class="newest" onClick={goToNewest}>
          Newest{unread > 0 ? ` (${unread} new)` : ""}
        </button>
      )}
    </>
  );
}

function Said({
  view,
  line,
  isSameSpeaker,
}: {
  readonly view: CallView;
  readonly line: Line;
  readonly isSameSpeaker: boolean;
}) {
  const role = roleOf(view, line);
  const name = nameOf(view.participants, line.participantId);
  const mood = view.moodMarks[line.utteranceId];
  return (
    <div
      class={`line line-${role}${line.final ? "" : " line-partial"}${isSameSpeaker ? " line-on" : ""}`}
      data-utterance={line.utteranceId}
    >
      {isSameSpeaker ? null : (
        <p class="who">
          <strong>{ROLE_WORDS[role]}</strong>
          {name === undefined || name === ROLE_WORDS[role] ? null : (
            <span class="name">{name}</span>
          )}
          <span class="time">{clockText(line.startMs)}</span>
        </p>
      )}
      <p class="said">
        {line.text}
        {mood === undefined || mood === "neutral" ? null : <MoodMark mood={mood} />}
      </p>
    </div>
  );
}

/** A word and a colour. */
export function MoodMark({ mood }: { readonly mood: Mood }) {
  return (
    <>
      {" "}
      <span class={`mood mood-${mood}`}>{MOOD_WORDS[mood]}</span>
    </>
  );
}
